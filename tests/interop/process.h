// Other people's programs and our own command line as child processes of a test: started on demand, every wait bounded,
// ended when the object goes.
#pragma once

#include <QEventLoop>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>
#include <QTimer>

#include <functional>

namespace sessionscope::interop {

inline constexpr std::chrono::milliseconds patience{10'000};

enum class StandardError
{
    Forwarded, ///< to the test's own
    Read       ///< as if it were standard output
};

/// A child that talks in lines.
class LineProcess
{
public:
    explicit LineProcess(StandardError standardError = StandardError::Forwarded)
    {
        m_process.setProcessChannelMode(standardError == StandardError::Read ? QProcess::MergedChannels
                                                                             : QProcess::ForwardedErrorChannel);
    }
    ~LineProcess() { stop(); }

    bool start(const QString &program, const QStringList &arguments,
               const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment())
    {
        m_process.setProcessEnvironment(environment);
        m_process.start(program, arguments);
        return m_process.waitForStarted(patience.count());
    }

    void write(const QByteArray &line)
    {
        m_process.write(line + '\n');
        m_process.waitForBytesWritten(patience.count());
    }

    /// The first line, from now on, that the test accepts; empty when none came in time or the child ended. Lines
    /// passed over can be looked at again with rewindTo(). The event loop goes on meanwhile.
    QByteArray waitFor(const std::function<bool(const QByteArray &)> &accepts)
    {
        bool isOver = false;
        QEventLoop loop;
        QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &loop, &QEventLoop::quit);
        QObject::connect(&m_process, &QProcess::finished, &loop, &QEventLoop::quit);
        QTimer::singleShot(patience, Qt::PreciseTimer, &loop, [&] {
            isOver = true;
            loop.quit();
        });
        while (true) {
            while (m_process.canReadLine())
                m_seen.append(m_process.readLine().trimmed());
            for (; m_next < m_seen.size(); ++m_next) {
                if (accepts(m_seen[m_next]))
                    return m_seen[m_next++];
            }
            if (isOver || m_process.state() == QProcess::NotRunning)
                return {};
            loop.exec();
        }
    }

    const QByteArrayList &seen() const { return m_seen; }
    /// Where the next waitFor begins to look.
    qsizetype position() const { return m_next; }
    void rewindTo(qsizetype line) { m_next = line; }

    bool waitForEnd()
    {
        const bool ended = m_process.state() == QProcess::NotRunning || m_process.waitForFinished(patience.count());
        m_seen.append(m_process.readAll().trimmed().split('\n'));
        return ended;
    }
    int exitCode() const { return m_process.exitCode(); }

    void closeInput() { m_process.closeWriteChannel(); }
    void terminate() { m_process.terminate(); }
    void kill() { m_process.kill(); }

    void stop()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.terminate();
        if (!m_process.waitForFinished(patience.count())) {
            m_process.kill();
            m_process.waitForFinished(patience.count());
        }
    }

private:
    QProcess m_process;
    QByteArrayList m_seen;
    qsizetype m_next = 0;
};

/// The bundled broker as its users run it: `sessionscope-cli broker`, on a port it chose.
class BundledBroker
{
public:
    bool start(const QStringList &options = {})
    {
        if (!m_process.start(
                QStringLiteral(SESSIONSCOPE_CLI),
                QStringList{QStringLiteral("broker"), QStringLiteral("--listen"), QStringLiteral("127.0.0.1:0")} +
                    options))
            return false;
        const auto line =
            m_process.waitFor([](const QByteArray &text) { return text.contains("listening on mqtt://"); });
        m_port = line.mid(line.lastIndexOf(':') + 1).toUShort();
        return m_port != 0;
    }
    quint16 port() const { return m_port; }
    /// Of another listener that the options asked for, "wss"; 0 when it does not listen.
    quint16 portOf(const char *scheme)
    {
        m_process.rewindTo(0);
        const QByteArray line = m_process.waitFor(
            [scheme](const QByteArray &text) { return text.contains(QByteArray("listening on ") + scheme + "://"); });
        return line.split(':').value(2).split('/').first().toUShort();
    }

private:
    LineProcess m_process;
    quint16 m_port = 0;
};

} // namespace sessionscope::interop
