#include "tests/interop/peer.h"

#include <QFileInfo>

namespace sessionscope::interop {

namespace {

const QString folder = QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/interop/");
const QString nodeModules = QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/build/npm/node_modules");
const QString systemPython =
    QStringLiteral("/usr/bin/python3"); // another python3 on PATH would not see Debian's modules

bool hasAll(const QJsonObject &event, const QJsonObject &fields)
{
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        if (event.value(field.key()) != field.value())
            return false;
    }
    return true;
}

} // namespace

QProcessEnvironment nodeEnvironment()
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("NODE_PATH"), nodeModules);
    return environment;
}

QString missingNodeModule(const QString &module)
{
    if (QStandardPaths::findExecutable(QStringLiteral("node")).isEmpty())
        return QStringLiteral("node is not installed");
    return QFileInfo::exists(nodeModules + QLatin1Char('/') + module) ? QString()
                                                                      : module + QStringLiteral(" is not in build/npm");
}

QString Peer::missing(Library library)
{
    if (library == Library::MqttJs)
        return missingNodeModule(QStringLiteral("mqtt"));
    QProcess probe;
    probe.start(systemPython, {QStringLiteral("-c"), QStringLiteral("import paho.mqtt.client")});
    const bool found = probe.waitForFinished(patience.count()) && probe.exitCode() == 0;
    return found ? QString() : QStringLiteral("python3-paho-mqtt is not installed");
}

bool Peer::start()
{
    if (m_library == Library::Paho)
        return m_process.start(systemPython, {folder + QStringLiteral("peer_paho.py")});
    return m_process.start(QStringLiteral("node"), {folder + QStringLiteral("peer_mqttjs.cjs")}, nodeEnvironment());
}

void Peer::tell(QJsonObject command)
{
    m_process.write(QJsonDocument(command).toJson(QJsonDocument::Compact));
}

QJsonObject Peer::expect(const QString &event, const QJsonObject &fields)
{
    m_process.rewindTo(std::max(m_begin, m_read.value(event)));
    const auto line = m_process.waitFor([&](const QByteArray &text) {
        const auto seen = QJsonDocument::fromJson(text).object();
        return seen.value(QLatin1String("event")) == event && hasAll(seen, fields);
    });
    m_read[event] = m_process.position();
    return QJsonDocument::fromJson(line).object();
}

int Peer::count(const QString &payload) const
{
    int found = 0;
    for (const auto &line : m_process.seen()) {
        const auto event = QJsonDocument::fromJson(line).object();
        found += event.value(QLatin1String("event")) == QLatin1String("message") &&
                 event.value(QLatin1String("payload")) == payload;
    }
    return found;
}

void Peer::connectTo(quint16 port, const QString &clientId, bool clean, QJsonObject more)
{
    more.insert(QStringLiteral("do"), QStringLiteral("connect"));
    more.insert(QStringLiteral("port"), port);
    more.insert(QStringLiteral("version"), m_version);
    more.insert(QStringLiteral("clientId"), clientId);
    more.insert(QStringLiteral("clean"), clean);
    const bool begins = std::exchange(m_isFresh, false);
    more.insert(QStringLiteral("fresh"), begins);
    tell(more);
    if (begins && !expect(QStringLiteral("fresh")).isEmpty())
        m_begin = m_process.position();
}

} // namespace sessionscope::interop
