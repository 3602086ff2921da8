#include "app/cli/console.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

namespace sessionscope::cli {

namespace {

// The handler may only write; the event loop reads what it wrote.
int stopPipe[2] = {-1, -1};

void writeToStopPipe(int signal)
{
    const char byte = char(signal);
    [[maybe_unused]] const auto written = ::write(stopPipe[1], &byte, 1);
}

void write(std::FILE *file, const QString &line)
{
    const QByteArray bytes = line.toUtf8() + '\n';
    std::fwrite(bytes.constData(), 1, std::size_t(bytes.size()), file);
    std::fflush(file);
}

void setHandler(std::initializer_list<int> signals, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    for (const int signal : signals)
        ::sigaction(signal, &action, nullptr);
}

} // namespace

void printResult(const QString &line)
{
    write(stdout, line);
}

void printNote(const QString &line)
{
    write(stderr, line);
}

StopSignals::StopSignals(Hangup hangup, QObject *parent) : QObject(parent), m_hangup(hangup)
{
    if (::pipe2(stopPipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    m_notifier = std::make_unique<QSocketNotifier>(stopPipe[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &StopSignals::readPipe);
    setHandler({SIGINT, SIGTERM}, writeToStopPipe);
    if (m_hangup == Hangup::Reloads)
        setHandler({SIGHUP}, writeToStopPipe);
}

void StopSignals::readPipe()
{
    bool stops = false;
    bool reloads = false;
    char signals[64];
    for (;;) {
        const auto count = ::read(stopPipe[0], signals, sizeof signals);
        if (count <= 0)
            break;
        const auto end = signals + count;
        reloads = reloads || std::find(signals, end, char(SIGHUP)) != end;
        stops = stops || std::any_of(signals, end, [](char signal) { return signal != char(SIGHUP); });
    }
    if (reloads)
        Q_EMIT reloadAsked();
    if (stops)
        Q_EMIT stopAsked();
}

StopSignals::~StopSignals()
{
    setHandler({SIGINT, SIGTERM}, SIG_DFL);
    if (m_hangup == Hangup::Reloads)
        setHandler({SIGHUP}, SIG_DFL);
    m_notifier.reset();
    ::close(stopPipe[0]);
    ::close(stopPipe[1]);
}

struct Keys::Saved
{
    termios settings = {};
};

Keys::Keys(QObject *parent)
    : QObject(parent), m_saved(std::make_unique<Saved>()), m_notifier(STDIN_FILENO, QSocketNotifier::Read)
{
    ::tcgetattr(STDIN_FILENO, &m_saved->settings);
    termios single = m_saved->settings;
    single.c_lflag &= ~tcflag_t(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &single);
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] {
        char key = 0;
        if (::read(STDIN_FILENO, &key, 1) == 1)
            Q_EMIT pressed(key);
        else
            m_notifier.setEnabled(false);
    });
}

Keys::~Keys()
{
    ::tcsetattr(STDIN_FILENO, TCSANOW, &m_saved->settings);
}

bool Keys::areAvailable()
{
    return ::isatty(STDIN_FILENO) && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

} // namespace sessionscope::cli
