// Blocks of pcapng, and TCP conversations made up for them (draft-ietf-opsawg-pcapng; RFC 791, RFC 9293). Knows nothing
// of MQTT. Private to core/trace.
#pragma once

#include "core/base/instant.h"

#include <QByteArray>
#include <QList>

#include <map>

namespace sessionscope {

struct SocketName
{
    quint32 address = 0; ///< IPv4
    quint16 port = 0;
};

/// One connection: both ends, and how far each has come.
struct Conversation
{
    SocketName client;
    SocketName server;
    quint32 fromClient = 0; ///< the next sequence number of what the client sends
    quint32 fromServer = 0;
};

enum class Sending : quint8
{
    Client,
    Server
};

class PcapngWriter
{
public:
    /// comment: of the whole file. startedAt: of instant 0, microseconds since 1970.
    PcapngWriter(const QByteArray &program, const QByteArray &comment, qint64 startedAt);

    /// As much of the name as a record of one can hold: up to its first NUL and 255 bytes.
    void name(quint32 address, const QByteArray &name);
    /// SYN, SYN and ACK, ACK.
    void open(Conversation &conversation, Instant at);
    /// One segment or several; an empty one carries nothing but its comment.
    void data(Conversation &conversation, Sending from, Instant at, const QByteArray &bytes, const QByteArray &comment);
    void finish(Conversation &conversation, Sending from, Instant at, const QByteArray &comment);
    void reset(Conversation &conversation, Sending from, Instant at, const QByteArray &comment);
    /// The whole file.
    QByteArray take();

private:
    void segment(Conversation &conversation, Sending from, Instant at, quint8 flags, const QByteArray &bytes,
                 const QByteArray &comment);
    void packet(Instant at, const QByteArray &bytes, const QByteArray &comment);

    QByteArray m_head;
    QByteArray m_packets;
    std::map<quint32, QByteArray> m_names;
    qint64 m_startedAt = 0;
};

} // namespace sessionscope
