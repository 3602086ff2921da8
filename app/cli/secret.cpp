#include "app/cli/secret.h"

#include "app/keyring/keyring.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace sessionscope::cli {

namespace {

/// The controlling terminal, byte by byte and without an echo; as before when the object goes. Ctrl+C is a byte like
/// others, so that it cannot end the program between.
class SilentTerminal
{
public:
    SilentTerminal() : m_file(::open("/dev/tty", O_RDWR | O_CLOEXEC))
    {
        m_isOpen = m_file >= 0 && ::tcgetattr(m_file, &m_before) == 0;
        if (!m_isOpen)
            return;
        termios silent = m_before;
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        ::tcsetattr(m_file, TCSAFLUSH, &silent);
    }
    ~SilentTerminal()
    {
        if (m_isOpen)
            ::tcsetattr(m_file, TCSAFLUSH, &m_before);
        if (m_file >= 0)
            ::close(m_file);
    }
    Q_DISABLE_COPY_MOVE(SilentTerminal)

    bool isOpen() const { return m_isOpen; }
    void write(const QByteArray &text) const
    {
        if (::write(m_file, text.constData(), size_t(text.size())) < 0)
            return; // The prompt is a courtesy; reading tells whether the terminal is still there.
    }
    std::optional<char> read() const
    {
        char c = 0;
        return ::read(m_file, &c, 1) == 1 ? std::optional(c) : std::nullopt;
    }

private:
    int m_file;
    bool m_isOpen = false;
    termios m_before{};
};

constexpr char interrupt = 0x03;
constexpr char endOfInput = 0x04;
constexpr char backspace = 0x08;
constexpr char deleteWord = 0x15;
constexpr char rubout = 0x7F;

void dropLast(QByteArray &text)
{
    // The bytes behind the first of a character of UTF-8 begin with the bits 10.
    while (!text.isEmpty() && (text.back() & '\xC0') == '\x80')
        text.chop(1);
    text.chop(1);
}

} // namespace

FoundSecret askSecret(const QString &whose)
{
    const SilentTerminal terminal;
    if (!terminal.isOpen())
        return QStringLiteral("it is asked for on the terminal, and there is none here");
    terminal.write(QStringLiteral("Password of %1: ").arg(whose).toUtf8());
    QByteArray typed;
    while (const auto c = terminal.read()) {
        if (*c == '\n' || *c == '\r') {
            terminal.write("\n");
            return typed;
        }
        if (*c == interrupt || *c == endOfInput)
            break;
        if (*c == backspace || *c == rubout)
            dropLast(typed);
        else if (*c == deleteWord)
            typed.clear();
        else
            typed += *c;
    }
    terminal.write("\n");
    return QStringLiteral("it was asked for, and not given");
}

SecretWays secretWays()
{
    return {.keyring = readKeyring, .ask = askSecret};
}

Parsed<QByteArray> readPasswordFile(const QString &fileName)
{
    const auto found = readSecretFile(fileName);
    if (!found)
        return UsageError{found.error()};
    return *found;
}

} // namespace sessionscope::cli
