// A foreign MQTT client library behind one small language of JSON lines (peer_paho.py, peer_mqttjs.cjs).
#pragma once

#include "tests/interop/process.h"

namespace sessionscope::interop {

/// What node programs need to find the modules that packaging/install.sh puts into build/npm.
QProcessEnvironment nodeEnvironment();
/// Empty when node and this module are here; else what is missing.
QString missingNodeModule(const QString &module);

enum class Library
{
    Paho,
    MqttJs
};

class Peer
{
public:
    Peer(Library library, int version) : m_library(library), m_version(version) {}

    /// Empty when the library can be had here; else what is missing.
    static QString missing(Library library);

    bool start();
    void tell(QJsonObject command);
    /// The next event of this kind that has all the given fields; empty when none came in time.
    QJsonObject expect(const QString &event, const QJsonObject &fields = {});
    /// How many messages with this payload have come so far.
    int count(const QString &payload) const;

    /// Begins with connectTo() anew, without a session: for a peer that several tests use one after the other.
    void forget() { m_isFresh = true; }
    int version() const { return m_version; }
    void connectTo(quint16 port, const QString &clientId, bool clean, QJsonObject more = {});

private:
    Library m_library;
    int m_version;
    bool m_isFresh = false;
    qsizetype m_begin = 0; ///< events before this one are another test's
    LineProcess m_process;
    QHash<QString, qsizetype> m_read; ///< where the next look for an event of this kind begins
};

} // namespace sessionscope::interop
