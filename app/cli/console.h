// The terminal: results to standard output, diagnostics to standard error, single keys in, signals as calls.
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <QString>

#include <memory>

namespace sessionscope::cli {

enum class ExitCode : int
{
    Ok = 0,
    Failed = 1,       ///< refused, lost, timed out
    Usage = 2,        ///< of the command line, or a file that cannot be read
    Inconclusive = 3, ///< nothing failed, and not everything could be shown
};

/// One line to standard output, at once.
void printResult(const QString &line);
/// One line to standard error.
void printNote(const QString &line);

/// Tells SIGINT and SIGTERM, and SIGHUP where asked to, as signals of the event loop. At most one object of this class
/// at a time.
class StopSignals : public QObject
{
    Q_OBJECT

public:
    /// What SIGHUP does.
    enum class Hangup : quint8
    {
        Ends, ///< the program, as always
        Reloads
    };
    explicit StopSignals(Hangup hangup = Hangup::Ends, QObject *parent = nullptr);
    ~StopSignals() override;

Q_SIGNALS:
    void stopAsked();
    void reloadAsked();

private:
    void readPipe();

    const Hangup m_hangup;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

/// Single keys from the terminal, without echo; the terminal is as before when the object goes.
class Keys : public QObject
{
    Q_OBJECT

public:
    explicit Keys(QObject *parent = nullptr);
    ~Keys() override;

    /// Whether standard input is a terminal that this program may read.
    static bool areAvailable();

Q_SIGNALS:
    void pressed(char key);

private:
    struct Saved;
    std::unique_ptr<Saved> m_saved;
    QSocketNotifier m_notifier;
};

} // namespace sessionscope::cli
