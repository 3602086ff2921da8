#include "tests/interop/foreign_broker.h"

#include "tests/interop/peer.h"
#include "tests/net/certificates.h"

#include <QFileInfo>
#include <QTcpServer>

using namespace Qt::StringLiterals;

namespace sessionscope::interop {

namespace {

/// Somebody else can take the free port before mosquitto does.
constexpr int portAttempts = 5;

/// Debian keeps it where an ordinary user's PATH may not look.
QString mosquittoProgram()
{
    return QStandardPaths::findExecutable(u"mosquitto"_s, {u"/usr/sbin"_s, u"/usr/bin"_s, u"/usr/local/sbin"_s});
}

quint16 freePort()
{
    QTcpServer probe;
    return probe.listen(QHostAddress::LocalHost) ? probe.serverPort() : quint16(0);
}

} // namespace

QString ForeignBroker::missing(Maker maker)
{
    if (maker == Maker::Aedes)
        return missingNodeModule(u"aedes"_s);
    return mosquittoProgram().isEmpty() ? u"mosquitto is not installed"_s : QString();
}

bool ForeignBroker::start(Maker maker)
{
    return maker == Maker::Aedes ? startAedes() : startMosquitto(Listeners::Tcp);
}

bool ForeignBroker::startWithTransports()
{
    return startMosquitto(Listeners::AllTransports);
}

Endpoint ForeignBroker::endpoint(Scheme scheme) const
{
    const quint16 port = scheme == Scheme::Tls ? m_tlsPort : m_webSocketPort;
    return {scheme, u"127.0.0.1"_s, port, usesWebSocket(scheme) ? u"/mqtt"_s : QString(), clientTls()};
}

bool ForeignBroker::startMosquitto(Listeners listeners)
{
    for (int attempt = 0; attempt < portAttempts; ++attempt) {
        m_port = freePort();
        QFile config(m_folder.filePath(u"mosquitto.conf"_s));
        if (m_port == 0 || !config.open(QIODevice::WriteOnly | QIODevice::Truncate))
            return false;
        // user root: as root it would otherwise drop to an account that cannot read the test's folder
        config.write("listener " + QByteArray::number(m_port) +
                     " 127.0.0.1\nallow_anonymous true\nuser root\nlog_dest stderr\nmax_keepalive " +
                     QByteArray::number(longestKeepAlive) + "\nmax_packet_size " + QByteArray::number(largestPacket) +
                     "\n");
        if (listeners == Listeners::AllTransports) {
            m_tlsPort = freePort();
            m_webSocketPort = freePort();
            const TlsSettings tls = serverTls();
            config.write("listener " + QByteArray::number(m_tlsPort) + " 127.0.0.1\ncertfile " +
                         tls.certificateFile.toUtf8() + "\nkeyfile " + tls.keyFile.toUtf8() + "\nlistener " +
                         QByteArray::number(m_webSocketPort) + " 127.0.0.1\nprotocol websockets\n");
        }
        config.close();
        const auto isReady = [](const QByteArray &line) { return line.contains(" running"); };
        if (m_process.start(mosquittoProgram(), {u"-c"_s, config.fileName()}) && !m_process.waitFor(isReady).isEmpty())
            return true;
        m_process.stop();
    }
    return false;
}

bool ForeignBroker::startAedes()
{
    const QByteArray running = "running ";
    if (!m_process.start(u"node"_s, {QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/interop/broker_aedes.cjs")},
                         nodeEnvironment()))
        return false;
    m_port = m_process.waitFor([&](const QByteArray &line) { return line.startsWith(running); })
                 .mid(running.size())
                 .toUShort();
    return m_port != 0;
}

void ForeignBrokers::addRows(Version from)
{
    QTest::addColumn<Maker>("maker");
    QTest::addColumn<Version>("version");
    if (from == Version::V31) {
        QTest::newRow("mosquitto 3.1") << Maker::Mosquitto << Version::V31;
        QTest::newRow("aedes 3.1") << Maker::Aedes << Version::V31;
    }
    QTest::newRow("mosquitto 3.1.1") << Maker::Mosquitto << Version::V311;
    QTest::newRow("aedes 3.1.1") << Maker::Aedes << Version::V311;
    QTest::newRow("mosquitto 5.0") << Maker::Mosquitto << Version::V5;
}

const ForeignBroker *ForeignBrokers::get(Maker maker)
{
    auto &broker = m_brokers[std::size_t(maker)];
    if (broker)
        return broker.get();
    auto started = std::make_unique<ForeignBroker>();
    if (!started->start(maker))
        return nullptr;
    broker = std::move(started);
    return broker.get();
}

} // namespace sessionscope::interop
