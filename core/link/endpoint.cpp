#include "core/link/endpoint.h"

#include <QStringView>

#include <algorithm>
#include <array>

namespace sessionscope {

namespace {

struct SchemeRow
{
    const char *name;
    Scheme scheme;
    quint16 port;
};

// The first row of a scheme is its canonical name.
constexpr std::array schemes{
    SchemeRow{"mqtt", Scheme::Tcp, 1883},     SchemeRow{"tcp", Scheme::Tcp, 1883},
    SchemeRow{"mqtts", Scheme::Tls, 8883},    SchemeRow{"ssl", Scheme::Tls, 8883},
    SchemeRow{"ws", Scheme::WebSocket, 80},   SchemeRow{"wss", Scheme::SecureWebSocket, 443},
    SchemeRow{"unix", Scheme::UnixSocket, 0},
};

bool isHexDigit(QChar c)
{
    return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
}

/// A listener at every address of this machine is reached by these, too.
bool isLoopback(const QString &host)
{
    static constexpr std::array names{QLatin1StringView("localhost"), QLatin1StringView("127.0.0.1"),
                                      QLatin1StringView("::1"), QLatin1StringView("0.0.0.0"), QLatin1StringView("::")};
    return std::ranges::find(names, host) != names.end();
}

// The parts that make an IPv6 literal wrong are found by the resolver; here only what cannot be one at all is refused.
bool looksLikeIpv6(QStringView text)
{
    const auto zone = text.indexOf(u'%');
    if (zone >= 0) {
        if (zone + 1 == text.size())
            return false;
        text = text.first(zone);
    }
    if (text.count(u':') < 2 || text.count(u':') > 7)
        return false;
    for (const QChar c : text) {
        if (!isHexDigit(c) && c != u':' && c != u'.')
            return false;
    }
    return true;
}

// Reads from left to right. Errors name the place, never the text found there: it could be a mistyped password.
class EndpointParser
{
public:
    explicit EndpointParser(const QString &text) : m_text(text), m_rest(QStringView(text).trimmed())
    {
        m_position = m_rest.isEmpty() ? 0 : m_rest.data() - m_text.constData();
    }

    Result<Endpoint, QString> parse()
    {
        if (m_rest.isEmpty())
            return QStringLiteral("the address is empty; expected something like mqtt://host:1883");
        if (!readScheme() || !refuseSpacesAndCredentials())
            return m_error;
        if (m_endpoint.scheme == Scheme::UnixSocket ? !readSocketPath() : !readAuthority() || !readUrlPath())
            return m_error;
        return m_endpoint;
    }

private:
    bool fail(qsizetype offset, const QString &what)
    {
        m_error = QStringLiteral("at character %1: %2").arg(m_position + offset + 1).arg(what);
        return false;
    }

    void advance(qsizetype count)
    {
        m_rest = m_rest.sliced(count);
        m_position += count;
    }

    bool readScheme()
    {
        auto length = m_rest.indexOf(QLatin1String("://"));
        const auto authorityEnd = m_rest.indexOf(u'/');
        if (length < 0 || (authorityEnd >= 0 && authorityEnd < length)) {
            if (m_rest.startsWith(u'/'))
                return fail(0, QStringLiteral("a path needs a scheme in front, as in unix:///run/broker.sock"));
            return true;
        }
        for (const SchemeRow &row : schemes) {
            if (m_rest.first(length).compare(QLatin1String(row.name), Qt::CaseInsensitive) == 0) {
                m_endpoint.scheme = row.scheme;
                m_endpoint.port = row.port;
                advance(length + 3);
                return true;
            }
        }
        return fail(0, QStringLiteral("unknown scheme; expected mqtt, tcp, mqtts, ssl, ws, wss or unix"));
    }

    bool refuseSpacesAndCredentials()
    {
        const bool isSocketPath = m_endpoint.scheme == Scheme::UnixSocket;
        for (qsizetype i = 0; i < m_rest.size(); ++i) {
            if (m_rest[i].category() == QChar::Other_Control || (!isSocketPath && m_rest[i].isSpace()))
                return fail(i, QStringLiteral("spaces and control characters cannot be part of an address"));
        }
        // A password may hold a slash, so for schemes without a path an @ anywhere counts.
        const auto at = isSocketPath ? -1 : (usesWebSocket(m_endpoint.scheme) ? authority() : m_rest).lastIndexOf(u'@');
        if (at >= 0)
            return fail(0, QStringLiteral("user name and password do not belong in an address, which is shown and "
                                          "logged; give them as the client's settings"));
        return true;
    }

    QStringView authority() const
    {
        qsizetype end = 0;
        while (end < m_rest.size() && m_rest[end] != u'/' && m_rest[end] != u'?' && m_rest[end] != u'#')
            ++end;
        return m_rest.first(end);
    }

    bool readAuthority()
    {
        const auto whole = authority();
        qsizetype hostEnd = 0;
        if (whole.startsWith(u'[')) {
            const auto bracket = whole.indexOf(u']');
            if (bracket < 0)
                return fail(0, QStringLiteral("the [ of the IPv6 address is not closed"));
            if (!looksLikeIpv6(whole.sliced(1, bracket - 1)))
                return fail(1, QStringLiteral("expected an IPv6 address between the brackets"));
            m_endpoint.host = whole.sliced(1, bracket - 1).toString().toLower();
            hostEnd = bracket + 1;
        } else {
            if (whole.count(u':') > 1)
                return fail(whole.indexOf(u':'), QStringLiteral("more than one colon; write an IPv6 address in "
                                                                "brackets, as in [::1]:1883"));
            hostEnd = whole.indexOf(u':') < 0 ? whole.size() : whole.indexOf(u':');
            if (!readHostName(whole.first(hostEnd)))
                return false;
        }
        if (!readPort(whole.sliced(hostEnd), hostEnd))
            return false;
        advance(whole.size());
        return true;
    }

    bool readHostName(QStringView host)
    {
        if (host.isEmpty())
            return fail(0, QStringLiteral("the host name is missing"));
        for (qsizetype i = 0; i < host.size(); ++i) {
            const QChar c = host[i];
            const bool fits =
                c.isLetterOrNumber() || c.isMark() || c.isSurrogate() || c == u'-' || c == u'.' || c == u'_';
            if (!fits)
                return fail(i, QStringLiteral("this character cannot be part of a host name"));
        }
        m_endpoint.host = host.toString().toLower();
        return true;
    }

    // text is what follows the host: nothing, or a colon and a number.
    bool readPort(QStringView text, qsizetype offset)
    {
        if (text.isEmpty())
            return true;
        if (!text.startsWith(u':'))
            return fail(offset, QStringLiteral("expected a colon and a port, or nothing, after the host"));
        const auto digits = text.sliced(1);
        if (digits.isEmpty())
            return fail(offset + 1, QStringLiteral("the port is missing after the colon"));
        uint port = 0;
        for (const QChar c : digits) {
            if (c < u'0' || c > u'9')
                return fail(offset + 1, QStringLiteral("the port must be a number from 0 to 65535"));
            port = port * 10 + uint(c.unicode() - u'0');
            if (port > 65'535)
                return fail(offset + 1, QStringLiteral("the port must be a number from 0 to 65535"));
        }
        m_endpoint.port = quint16(port);
        return true;
    }

    bool readUrlPath()
    {
        if (usesWebSocket(m_endpoint.scheme)) {
            const auto fragment = m_rest.indexOf(u'#');
            if (fragment >= 0)
                return fail(fragment, QStringLiteral("a WebSocket address has no #fragment"));
            // No path at all means the one that brokers agree on.
            m_endpoint.path = m_rest.isEmpty()          ? QStringLiteral("/mqtt")
                              : m_rest.startsWith(u'?') ? u'/' + m_rest.toString()
                                                        : m_rest.toString();
            return true;
        }
        if (!m_rest.isEmpty() && m_rest != u'/')
            return fail(0, QStringLiteral("only ws, wss and unix addresses have a path"));
        return true;
    }

    bool readSocketPath()
    {
        m_endpoint.host.clear();
        if (!m_rest.startsWith(u'/') || m_rest.size() < 2)
            return fail(0, QStringLiteral("expected an absolute path, as in unix:///run/broker.sock"));
        m_endpoint.path = m_rest.toString();
        return true;
    }

    const QString &m_text;
    QStringView m_rest;
    qsizetype m_position = 0; // of m_rest within m_text
    Endpoint m_endpoint;
    QString m_error;
};

} // namespace

Result<Endpoint, QString> parseEndpoint(const QString &text)
{
    return EndpointParser(text).parse();
}

bool isSameListener(const Endpoint &one, const Endpoint &other)
{
    if (one == other)
        return true;
    return one.scheme == other.scheme && one.path == other.path && one.port == other.port && isLoopback(one.host) &&
           isLoopback(other.host);
}

Result<Endpoint, QString> parseServerReference(const QByteArray &reference, const Endpoint &from)
{
    const QString first = QString::fromUtf8(reference).section(u' ', 0, 0, QString::SectionSkipEmpty);
    const bool isUrl = first.contains(QLatin1String("://")) || from.scheme == Scheme::UnixSocket;
    const auto row = std::ranges::find(schemes, from.scheme, &SchemeRow::scheme);
    auto endpoint = parseEndpoint(isUrl ? first : QLatin1String(row->name) + QLatin1String("://") + first);
    if (!endpoint)
        return endpoint.error();
    Endpoint target = *endpoint;
    if (usesTls(from.scheme) && !usesTls(target.scheme)) // a password would go there in clear
        return QStringLiteral("\"%1\" leaves TLS").arg(first);
    if (!isUrl && usesWebSocket(target.scheme))
        target.path = from.path;
    target.tls = from.tls;
    target.tls.serverName.clear();
    return target;
}

QString toUrl(const Endpoint &endpoint)
{
    QString url;
    for (const SchemeRow &row : schemes) {
        if (row.scheme == endpoint.scheme) {
            url = QLatin1String(row.name) + QLatin1String("://");
            break;
        }
    }
    if (endpoint.scheme == Scheme::UnixSocket)
        return url + endpoint.path;
    const bool isIpv6 = endpoint.host.contains(u':');
    url += isIpv6 ? u'[' + endpoint.host + u']' : endpoint.host;
    url += u':' + QString::number(endpoint.port);
    return usesWebSocket(endpoint.scheme) ? url + endpoint.path : url;
}

} // namespace sessionscope
