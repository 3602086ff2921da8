// Command lines of mosquitto's clients (2.0): one table says for each option how many words follow it and what becomes
// of them.
#include "core/profile/json_fields.h"

#include "core/mqtt/topic.h"
#include "core/notation/values.h"

#include <limits>

namespace sessionscope {

namespace {

constexpr qint64 most32 = std::numeric_limits<quint32>::max();

/// What is known when all words are read; only then is it clear which version they were meant for.
struct CommandLine
{
    QString program;
    QString host = QStringLiteral("localhost");
    std::optional<quint16> port;
    QString socket;
    bool isSecure = false;
    TlsSettings tls;
    Version version = Version::V311;
    bool cleanStart = true;
    std::optional<quint32> sessionExpiry;
    quint16 keepAlive = 60;
    QByteArray clientId;
    std::optional<QByteArray> userName;
    bool hasPassword = false;
    int qos = 0;
    QStringList topics;
    std::optional<Will> will;
    Properties connect;
    Properties willProperties;
    Properties subscribe;
};

class Reader;

struct Option
{
    const char *letter;
    const char *word;
    int values;
    void (*take)(Reader &reader, const QString &value);
    const char *why = nullptr; ///< it is left out
};

class Reader
{
public:
    explicit Reader(const QStringList &words) : m_words(words) {}

    std::optional<QString> read();
    CommandLine line;
    QStringList notes;

    void number(const QString &value, qint64 least, qint64 most, const char *option, const auto &set)
    {
        if (const auto parsed = parseNumber(value, least, most))
            set(*parsed);
        else
            notes << QStringLiteral("%1 is left out: %2").arg(QLatin1String(option), parsed.error().text);
    }
    void takeUrl(const QString &url);
    Will &will()
    {
        if (!line.will)
            line.will.emplace();
        return *line.will;
    }

private:
    std::optional<QString> readProperty(qsizetype &next);
    void putProperty(const QString &packet, const QString &name, const QString &value, const QString &second);

    QStringList m_words;
};

void takeVersion(Reader &reader, const QString &value)
{
    QString name = value;
    name.remove(QStringLiteral("mqttv"));
    if (name == u"5")
        reader.line.version = Version::V5;
    else if (name == u"31")
        reader.line.version = Version::V31;
    else if (name == u"311")
        reader.line.version = Version::V311;
    else
        reader.notes << QStringLiteral("-V %1 is left out: expected 5, 311 or 31").arg(value);
}

void takeExpiry(Reader &reader, const QString &value)
{
    if (value == u"-1" || value == u"∞")
        reader.line.sessionExpiry = sessionNeverExpires;
    else
        reader.number(value, 0, most32, "-x", [&](qint64 number) { reader.line.sessionExpiry = quint32(number); });
}

constexpr const char *forOutput = "it is about what mosquitto prints";
constexpr const char *forMessages = "a profile publishes nothing; see connect --publish";
constexpr const char *noTls = "a profile has nothing like it: it names the files of certificates and a key";
constexpr const char *noProxy = "a profile has no way through a proxy or over a chosen interface";

const Option options[] = {
    {"-h", "--host", 1, [](Reader &r, const QString &v) { r.line.host = v; }},
    {"-p", "--port", 1,
     [](Reader &r, const QString &v) {
         r.number(v, 1, 65'535, "-p", [&](qint64 port) { r.line.port = quint16(port); });
     }},
    {"", "--unix", 1, [](Reader &r, const QString &v) { r.line.socket = v; }},
    {"-L", "--url", 1, [](Reader &r, const QString &v) { r.takeUrl(v); }},
    {"-u", "--username", 1, [](Reader &r, const QString &v) { r.line.userName = v.toUtf8(); }},
    {"-P", "--pw", 1, [](Reader &r, const QString &) { r.line.hasPassword = true; }},
    {"-i", "--id", 1, [](Reader &r, const QString &v) { r.line.clientId = v.toUtf8(); }},
    {"-I", "--id-prefix", 1, nullptr, "the Client Identifier would change with every run"},
    {"-k", "--keepalive", 1,
     [](Reader &r, const QString &v) {
         r.number(v, 0, 65'535, "-k", [&](qint64 seconds) { r.line.keepAlive = quint16(seconds); });
     }},
    {"-q", "--qos", 1,
     [](Reader &r, const QString &v) { r.number(v, 0, 2, "-q", [&](qint64 qos) { r.line.qos = int(qos); }); }},
    {"-t", "--topic", 1, [](Reader &r, const QString &v) { r.line.topics << v; }},
    {"-c", "--disable-clean-session", 0, [](Reader &r, const QString &) { r.line.cleanStart = false; }},
    {"-x", "--session-expiry-interval", 1, takeExpiry},
    {"-V", "--protocol-version", 1, takeVersion},
    {"", "--will-topic", 1, [](Reader &r, const QString &v) { r.will().topic = v.toUtf8(); }},
    {"", "--will-payload", 1, [](Reader &r, const QString &v) { r.will().payload = v.toUtf8(); }},
    {"", "--will-qos", 1,
     [](Reader &r, const QString &v) { r.number(v, 0, 2, "--will-qos", [&](qint64 q) { r.will().qos = Qos(q); }); }},
    {"", "--will-retain", 0, [](Reader &r, const QString &) { r.will().retain = true; }},
    {"", "--tls-use-os-certs", 0, [](Reader &r, const QString &) { r.line.isSecure = true; }},
    {"", "--cafile", 1, [](Reader &r, const QString &v) { r.line.tls.caFile = v; }},
    {"", "--capath", 1, [](Reader &r, const QString &) { r.line.isSecure = true; }, noTls},
    {"", "--cert", 1, [](Reader &r, const QString &v) { r.line.tls.certificateFile = v; }},
    {"", "--key", 1, [](Reader &r, const QString &v) { r.line.tls.keyFile = v; }},
    {"", "--keyform", 1, nullptr, noTls},
    {"", "--ciphers", 1, nullptr, noTls},
    {"", "--tls-version", 1, nullptr, noTls},
    {"", "--tls-alpn", 1, [](Reader &r, const QString &v) { r.line.tls.alpn = v; }},
    {"", "--tls-engine", 1, nullptr, noTls},
    {"", "--tls-engine-kpass-sha1", 1, nullptr, noTls},
    {"", "--insecure", 0, [](Reader &r, const QString &) { r.line.tls.insecure = true; }},
    {"", "--psk", 1, [](Reader &r, const QString &) { r.line.isSecure = true; }, noTls},
    {"", "--psk-identity", 1, nullptr, noTls},
    {"", "--proxy", 1, nullptr, noProxy},
    {"-A", "", 1, nullptr, noProxy},
    {"-S", "", 0, nullptr, "the broker is not looked up in DNS SRV records"},
    {"", "--nodelay", 0, nullptr, "packets always leave at once"},
    {"-m", "--message", 1, nullptr, forMessages},
    {"-f", "--file", 1, nullptr, forMessages},
    {"-l", "--stdin-line", 0, nullptr, forMessages},
    {"-s", "--stdin-file", 0, nullptr, forMessages},
    {"-n", "--null-message", 0, nullptr, forMessages},
    {"-r", "--retain", 0, nullptr, forMessages},
    {"", "--repeat", 1, nullptr, forMessages},
    {"", "--repeat-delay", 1, nullptr, forMessages},
    {"-e", "", 1, nullptr, forMessages},
    {"-M", "--max-inflight", 1, nullptr, "how much is under way is the server's Receive Maximum"},
    {"-T", "--filter-out", 1, nullptr, forOutput},
    {"-U", "--unsubscribe", 1, nullptr, "a profile subscribes only; see connect --then unsubscribe=FILTER"},
    {"-R", "", 0, nullptr, forOutput},
    {"-C", "", 1, nullptr, "see connect --count"},
    {"-W", "", 1, nullptr, "see connect --wait"},
    {"-E", "", 0, nullptr, "see connect --then quit"},
    {"-F", "", 1, nullptr, forOutput},
    {"-N", "", 0, nullptr, forOutput},
    {"-d", "--debug", 0, nullptr, forOutput},
    {"-v", "--verbose", 0, nullptr, forOutput},
    {"", "--quiet", 0, nullptr, forOutput},
    {"", "--pretty", 0, nullptr, forOutput},
    {"", "--random-filter", 1, nullptr, forOutput},
    {"", "--retained-only", 0, nullptr, forOutput},
    {"", "--remove-retained", 0, nullptr, "a profile publishes nothing"},
};

const Option *optionOf(const QString &word)
{
    for (const Option &option : options) {
        if (word == QLatin1String(option.letter) || word == QLatin1String(option.word))
            return &option;
    }
    return nullptr;
}

QString unknownOption(const QString &word)
{
    QStringList known{QStringLiteral("-D"), QStringLiteral("--property")};
    for (const Option &option : options)
        known << QString::fromLatin1(option.letter) << QString::fromLatin1(option.word);
    known.removeAll(QString());
    // A word that is no option may be a secret that lost its option.
    if (!word.startsWith(u'-'))
        return QStringLiteral("a word stands where an option was expected, such as -h or -t");
    return QStringLiteral("mosquitto has no option %1.%2").arg(word, didYouMean(word, known));
}

void Reader::takeUrl(const QString &url)
{
    const qsizetype scheme = url.indexOf(u"://");
    line.isSecure = url.startsWith(u"mqtts://");
    QString rest = scheme < 0 ? url : url.mid(scheme + 3);
    const qsizetype slash = rest.indexOf(u'/');
    if (slash >= 0 && slash + 1 < rest.size())
        line.topics << rest.mid(slash + 1);
    rest = rest.left(slash);
    if (const qsizetype at = rest.lastIndexOf(u'@'); at >= 0) {
        const QString login = rest.left(at);
        line.userName = login.section(u':', 0, 0).toUtf8();
        line.hasPassword = line.hasPassword || login.contains(u':');
        rest = rest.mid(at + 1);
    }
    const auto endpoint =
        parseEndpoint((line.isSecure ? QStringLiteral("mqtts://") : QStringLiteral("mqtt://")) + rest);
    if (!endpoint) {
        notes << QStringLiteral("-L is left out: %1").arg(endpoint.error());
        return;
    }
    line.host = endpoint->host;
    line.port = endpoint->port;
}

void Reader::putProperty(const QString &packet, const QString &name, const QString &value, const QString &second)
{
    enum class Form : quint8
    {
        Number,
        Text,
        Pair
    };
    struct Row
    {
        const char *packet;
        const char *name;
        PropertyId id;
        Form form = Form::Number;
        qint64 least = 0;
        qint64 most = most32;
    };
    using enum PropertyId;
    static constexpr Row rows[] = {
        {"connect", "session-expiry-interval", SessionExpiryInterval},
        {"connect", "receive-maximum", ReceiveMaximum, Form::Number, 1, 65'535},
        {"connect", "maximum-packet-size", MaximumPacketSize, Form::Number, 1},
        {"connect", "topic-alias-maximum", TopicAliasMaximum, Form::Number, 0, 65'535},
        {"connect", "request-response-information", RequestResponseInformation, Form::Number, 0, 1},
        {"connect", "request-problem-information", RequestProblemInformation, Form::Number, 0, 1},
        {"connect", "user-property", UserProperty, Form::Pair},
        {"will", "will-delay-interval", WillDelayInterval},
        {"will", "message-expiry-interval", MessageExpiryInterval},
        {"will", "content-type", ContentType, Form::Text},
        {"will", "response-topic", ResponseTopic, Form::Text},
        {"will", "correlation-data", CorrelationData, Form::Text},
        {"will", "user-property", UserProperty, Form::Pair},
        {"subscribe", "subscription-identifier", SubscriptionIdentifier, Form::Number, 1, 268'435'455},
        {"subscribe", "user-property", UserProperty, Form::Pair},
    };
    Properties &properties = packet == u"connect" ? line.connect
                             : packet == u"will"  ? line.willProperties
                                                  : line.subscribe;
    for (const Row &row : rows) {
        if (packet != QLatin1String(row.packet) || name != QLatin1String(row.name))
            continue;
        if (row.form == Form::Pair) {
            properties.addUserProperty(value.toUtf8(), second.toUtf8());
            return;
        }
        properties.removeAll(row.id);
        if (row.form == Form::Text)
            return properties.add(row.id, value.toUtf8());
        return number(value, row.least, row.most, qPrintable(QStringLiteral("-D %1 %2").arg(packet, name)),
                      [&](qint64 read) { properties.add(row.id, quint32(read)); });
    }
    notes << QStringLiteral("-D %1 %2 is left out: a profile has nothing like it").arg(packet, name);
}

/// -D PACKET NAME VALUE, and -D PACKET user-property NAME VALUE.
std::optional<QString> Reader::readProperty(qsizetype &next)
{
    const QString packet = m_words.value(next);
    const QString name = m_words.value(next + 1);
    const bool isPair = name == u"user-property";
    const qsizetype count = isPair ? 4 : 3;
    if (next + count > m_words.size())
        return QStringLiteral("-D ends too early: expected PACKET PROPERTY VALUE");
    putProperty(packet, name, m_words.at(next + 2), isPair ? m_words.at(next + 3) : QString());
    next += count;
    return std::nullopt;
}

std::optional<QString> Reader::read()
{
    line.program = m_words.value(0).section(u'/', -1);
    static const QStringList programs{QStringLiteral("mosquitto_sub"), QStringLiteral("mosquitto_pub"),
                                      QStringLiteral("mosquitto_rr")};
    if (!programs.contains(line.program))
        return QStringLiteral("expected a command line that begins with %1.%2")
            .arg(programs.join(QStringLiteral(", ")), didYouMean(line.program, programs));
    for (qsizetype next = 1; next < m_words.size();) {
        const QString word = m_words.at(next++);
        if (word == u"-D" || word == u"--property") {
            if (auto wrong = readProperty(next))
                return wrong;
            continue;
        }
        const Option *option = optionOf(word);
        if (!option)
            return unknownOption(word);
        if (next + option->values > m_words.size())
            return QStringLiteral("%1 ends too early: expected a value").arg(word);
        const QString value = option->values ? m_words.at(next) : QString();
        next += option->values;
        if (option->take)
            option->take(*this, value);
        if (option->why)
            notes << QStringLiteral("%1 is left out: %2").arg(word, QLatin1String(option->why));
    }
    return std::nullopt;
}

/// What a profile cannot hold of User Properties: the same name twice.
void tellRepeated(const Properties &properties, const char *packet, QStringList &notes)
{
    QSet<QByteArray> names;
    for (const Property &property : properties) {
        const auto *pair = std::get_if<StringPair>(&property.value);
        if (pair && names.contains(pair->name))
            notes << QStringLiteral("-D %1 user-property %2 is there twice: only the last is taken over")
                         .arg(QLatin1String(packet), QString::fromUtf8(pair->name));
        if (pair)
            names.insert(pair->name);
    }
}

void takeConnect(CommandLine &line, QStringList &notes, ConnectPacket &connect)
{
    connect.protocolLevel = quint8(line.version);
    connect.protocolName = line.version == Version::V31 ? "MQIsdp" : "MQTT";
    connect.clientId = line.clientId;
    connect.cleanStart = line.cleanStart;
    connect.keepAlive = line.keepAlive;
    connect.userName = line.userName;
    connect.will = line.will;
    if (connect.will && connect.will->topic.isEmpty()) {
        notes << QStringLiteral("the will is left out: it has no --will-topic");
        connect.will.reset();
    }
    const bool hasProperties = !line.connect.isEmpty() || !line.willProperties.isEmpty() || line.sessionExpiry;
    if (line.version != Version::V5) {
        if (hasProperties)
            notes << QStringLiteral("properties and -x are left out: they came with MQTT 5, and -V does not say 5");
        return;
    }
    connect.properties = line.connect;
    // Beside -c, mosquitto lets the session last for ever.
    if (!line.sessionExpiry && !line.cleanStart && !line.connect.contains(PropertyId::SessionExpiryInterval))
        line.sessionExpiry = sessionNeverExpires;
    if (line.sessionExpiry) {
        connect.properties.removeAll(PropertyId::SessionExpiryInterval);
        connect.properties.add(PropertyId::SessionExpiryInterval, *line.sessionExpiry);
    }
    if (connect.will)
        connect.will->properties = line.willProperties;
}

void takeTopics(const CommandLine &line, QStringList &notes, Profile &profile)
{
    for (const QString &topic : line.topics) {
        if (line.program != u"mosquitto_sub") {
            notes << QStringLiteral("-t %1 is left out: a profile publishes nothing; see connect --publish '%1:%2=…'")
                         .arg(topic)
                         .arg(line.qos);
            continue;
        }
        SubscribePacket::Entry entry;
        entry.filter = topic.toUtf8();
        entry.options.maximumQos = Qos(line.qos);
        if (!isTopicFilter(entry.filter)) {
            notes << QStringLiteral("-t %1 is left out: this is not a topic filter").arg(topic);
            continue;
        }
        SubscribeCommand command;
        command.entries.append(entry);
        if (line.version == Version::V5)
            command.properties = line.subscribe;
        profile.subscribe.push_back(command);
    }
}

Endpoint endpointOf(const CommandLine &line)
{
    if (!line.socket.isEmpty())
        return {Scheme::UnixSocket, {}, 0, line.socket};
    // Since 2.0 this port alone switches TLS on.
    constexpr quint16 securePort = 8883;
    const bool isSecure = line.isSecure || !line.tls.caFile.isEmpty() || line.port == securePort;
    return {isSecure ? Scheme::Tls : Scheme::Tcp, line.host, line.port.value_or(isSecure ? securePort : 1883), {}};
}

void takeTls(const CommandLine &line, QStringList &notes, Profile &profile)
{
    if (!usesTls(profile.client.broker->scheme))
        return;
    profile.client.tls = line.tls;
    if (line.tls.certificateFile.isEmpty() != line.tls.keyFile.isEmpty()) {
        notes << QStringLiteral("--cert and --key are left out: one of them is missing");
        profile.client.tls.certificateFile.clear();
        profile.client.tls.keyFile.clear();
    }
    if (line.tls.insecure)
        notes << QStringLiteral(
            "--insecure: mosquitto only takes a certificate of another host then; the profile takes "
            "any (insecure: true)");
}

} // namespace

ImportResult importMosquitto(const QStringList &words, const QString &name)
{
    Reader reader(words);
    if (const auto wrong = reader.read())
        return *wrong;
    CommandLine &line = reader.line;
    ProfileImport import;
    Profile profile;
    profile.name = !name.isEmpty() ? name : line.clientId.isEmpty() ? line.host : QString::fromUtf8(line.clientId);
    profile.client.name = profile.name.toUtf8();
    if (const QString wrong = takeBroker(profile, endpointOf(line)); !wrong.isEmpty())
        return QStringLiteral("the address of the broker: %1").arg(wrong);
    takeTls(line, reader.notes, profile);
    takeConnect(line, reader.notes, profile.client.connect);
    takeTopics(line, reader.notes, profile);
    tellRepeated(line.connect, "connect", reader.notes);
    tellRepeated(line.willProperties, "will", reader.notes);
    tellRepeated(line.subscribe, "subscribe", reader.notes);
    for (const QString &note : reader.notes)
        import.notes << profile.name + QStringLiteral(": ") + note;
    if (line.hasPassword)
        askForPassword(import, profile);
    import.profiles.push_back({{}, profile});
    return import;
}

} // namespace sessionscope
