#include "app/cli/connect_plan.h"
#include "app/cli/behave.h"
#include "app/cli/profiles.h"
#include "app/cli/secret.h"
#include "app/cli/tls_options.h"

#include "core/auth/scram_authenticator.h"

#include <QFile>

#include <limits>

namespace sessionscope::cli {

namespace {

QString option(const char *name)
{
    return QString::fromLatin1(name);
}

UsageError wrong(const char *name, const UsageError &error)
{
    return {QStringLiteral("--%1: %2").arg(option(name), error.text)};
}

/// Calls set with the parsed value of an option that was given; remembers the first error.
class Reader
{
public:
    explicit Reader(const Options &options) : m_options(options) {}

    template<class Parse, class Set> void read(const char *name, Parse parse, Set set)
    {
        if (m_error || !m_options.isSet(option(name)))
            return;
        if (const auto parsed = parse(m_options.value(option(name))))
            set(*parsed);
        else
            m_error = wrong(name, parsed.error());
    }
    template<class Parse, class Set> void readEach(const char *name, Parse parse, Set set)
    {
        for (const QString &value : m_options.values(option(name))) {
            if (m_error)
                return;
            if (const auto parsed = parse(value))
                set(*parsed);
            else
                m_error = wrong(name, parsed.error());
        }
    }
    const Options &options() const { return m_options; }
    bool isSet(const char *name) const { return m_options.isSet(option(name)); }
    QString text(const char *name) const { return m_options.value(option(name)); }
    /// These options mean nothing when the condition does not hold.
    void needs(bool condition, std::initializer_list<const char *> names, const QString &what)
    {
        for (const char *name : names) {
            if (!m_error && !condition && isSet(name))
                m_error = UsageError{QStringLiteral("--%1 needs %2").arg(option(name), what)};
        }
    }
    void fail(const UsageError &error)
    {
        if (!m_error)
            m_error = error;
    }
    const std::optional<UsageError> &error() const { return m_error; }

private:
    const Options &m_options;
    std::optional<UsageError> m_error;
};

auto secondsUpTo(quint32 maximum)
{
    return [maximum](const QString &text) { return parseSeconds(text, maximum); };
}

Parsed<quint32> parseExpiry(const QString &text)
{
    return parseSeconds(text, sessionNeverExpires, Never::Allowed);
}

void setProperty(Properties &properties, PropertyId id, quint32 value)
{
    properties.removeAll(id);
    properties.add(id, value);
}

void readIdentity(Reader &reader, ConnectPacket &connect)
{
    if (reader.isSet("client-id"))
        connect.clientId = reader.text("client-id").toUtf8();
    if (reader.isSet("user"))
        connect.userName = reader.text("user").toUtf8();
    reader.read("password-file", readPasswordFile, [&](const QByteArray &secret) { connect.password = secret; });
    if (reader.isSet("password-file") && reader.isSet("password-env"))
        reader.fail({QStringLiteral("--password-file and --password-env exclude each other")});
    if (reader.isSet("password-env")) {
        const QByteArray name = reader.text("password-env").toLocal8Bit();
        if (qEnvironmentVariableIsSet(name.constData()))
            connect.password = qgetenv(name.constData());
        else
            reader.fail({QStringLiteral("--password-env: the environment has no variable \"%1\"")
                             .arg(reader.text("password-env"))});
    }
}

void readProperties(Reader &reader, Properties &properties)
{
    struct Row
    {
        const char *name;
        PropertyId property;
        qint64 minimum;
        qint64 maximum;
    };
    static constexpr Row rows[] = {
        {"receive-maximum", PropertyId::ReceiveMaximum, 1, 65'535},
        {"maximum-packet-size", PropertyId::MaximumPacketSize, 1, std::numeric_limits<quint32>::max()},
        {"topic-alias-maximum", PropertyId::TopicAliasMaximum, 0, 65'535},
        {"request-response-information", PropertyId::RequestResponseInformation, 0, 1},
        {"request-problem-information", PropertyId::RequestProblemInformation, 0, 1},
    };
    for (const Row &row : rows) {
        reader.read(
            row.name, [&row](const QString &text) { return parseNumber(text, row.minimum, row.maximum); },
            [&](qint64 value) { setProperty(properties, row.property, quint32(value)); });
    }
    reader.readEach("user-property", parseUserProperty,
                    [&](const StringPair &pair) { properties.addUserProperty(pair.name, pair.value); });
}

/// The plan as the profile has it, for the options to be laid over.
void readProfile(Reader &reader, ConnectPlan &plan)
{
    reader.read("profile", readProfileNamed, [&](const Profile &profile) {
        if (profile.client.broker)
            plan.broker = profile.client.endpoint({});
        plan.profileTls = profile.client.tls;
        plan.connect = profile.client.connect;
        plan.policy = profile.client.policy;
        plan.profileMethod = profile.authMethod;
        plan.profileSubscriptions = profile.subscribe;
        if (profile.client.passwordFrom.isNone() || reader.isSet("password-file") || reader.isSet("password-env"))
            return;
        if (const auto secret = readSecret(profile.client.passwordFrom, secretWays()))
            plan.connect.password = *secret;
        else
            reader.fail({QStringLiteral("--profile %1: the password: %2").arg(reader.text("profile"), secret.error())});
    });
}

/// On top of what the profile says, if it says something.
void readTls(Reader &reader, ConnectPlan &plan)
{
    std::vector<Endpoint *> brokers;
    if (plan.broker && usesTls(plan.broker->scheme)) {
        plan.broker->tls = plan.profileTls;
        brokers.push_back(&*plan.broker);
    }
    if (const auto error = applyTlsOptions(reader.options(), brokers))
        reader.fail(*error);
}

void readSession(Reader &reader, ConnectPacket &connect)
{
    reader.read("mqtt-version", parseVersion, [&](Version version) {
        connect.protocolLevel = quint8(version);
        connect.protocolName = version == Version::V31 ? "MQIsdp" : "MQTT";
    });
    const bool isV5 = connect.protocolLevel == quint8(Version::V5);
    if (!isV5 && !connect.properties.isEmpty())
        reader.fail({QStringLiteral("--mqtt-version: the profile has properties, which MQTT 5 brought")});
    reader.needs(isV5,
                 {"session-expiry", "receive-maximum", "maximum-packet-size", "topic-alias-maximum",
                  "request-response-information", "request-problem-information", "user-property", "will-delay"},
                 QStringLiteral("MQTT 5"));
    reader.read("clean-start", parseFlag, [&](bool value) { connect.cleanStart = value; });
    reader.read("keep-alive", secondsUpTo(65'535), [&](quint32 value) { connect.keepAlive = quint16(value); });
    if (reader.text("session-expiry") == u"absent")
        connect.properties.removeAll(PropertyId::SessionExpiryInterval);
    else
        reader.read("session-expiry", parseExpiry,
                    [&](quint32 value) { setProperty(connect.properties, PropertyId::SessionExpiryInterval, value); });
    readProperties(reader, connect.properties);
}

void readWill(Reader &reader, ConnectPacket &connect)
{
    reader.needs(reader.isSet("will-topic") || connect.will, {"will-payload", "will-qos", "will-retain", "will-delay"},
                 QStringLiteral("--will-topic"));
    if (!reader.isSet("will-topic") && !connect.will)
        return;
    Will will = connect.will.value_or(Will{});
    if (reader.isSet("will-topic"))
        will.topic = reader.text("will-topic").toUtf8();
    if (reader.isSet("will-payload"))
        will.payload = reader.text("will-payload").toUtf8();
    reader.read(
        "will-qos", [](const QString &text) { return parseNumber(text, 0, 2); },
        [&](qint64 value) { will.qos = Qos(value); });
    will.retain = will.retain || reader.isSet("will-retain");
    reader.read("will-delay", secondsUpTo(std::numeric_limits<quint32>::max()),
                [&](quint32 value) { setProperty(will.properties, PropertyId::WillDelayInterval, value); });
    connect.will = will;
}

void readAuthentication(Reader &reader, const Options &options, ConnectPlan &plan)
{
    const bool isV5 = plan.connect.protocolLevel == quint8(Version::V5);
    reader.needs(isV5, {"auth-method", "follow-redirects", "topic-aliases"}, QStringLiteral("MQTT 5"));
    reader.needs(reader.isSet("auth-method"), {"auth-data"}, QStringLiteral("--auth-method"));
    if (!reader.isSet("auth-method") && plan.profileMethod.isEmpty())
        return;
    const QByteArray method = reader.isSet("auth-method") ? reader.text("auth-method").toUtf8() : plan.profileMethod;
    Authentication authentication{.method = method};
    for (const QString &data : options.values(option("auth-data")))
        authentication.script.push_back(data.toUtf8());
    if (authentication.script.empty()) {
        // The method proves the password; in the CONNECT it would be there for everybody to read.
        authentication.userName = std::exchange(plan.connect.userName, {}).value_or(QByteArray());
        authentication.password = std::exchange(plan.connect.password, {}).value_or(QByteArray());
        if (!makeScramAuthenticator(authentication))
            reader.fail({QStringLiteral("--auth-method: \"%1\" is not known here; give its data with --auth-data")
                             .arg(QString::fromUtf8(method))});
        else if (authentication.userName.isEmpty() || authentication.password.isEmpty())
            reader.fail({QStringLiteral("--auth-method %1 needs --user, and --password-file or --password-env")
                             .arg(QString::fromUtf8(method))});
    }
    plan.authentication = authentication;
}

void readPolicy(Reader &reader, ConnectPlan &plan)
{
    // Each run is a client without memory, but whoever asks for Clean Start 0 means the session that is there [D-04].
    ClientPolicy &policy = plan.policy;
    policy.adoptUnknownSession = policy.adoptUnknownSession || !plan.connect.cleanStart;
    const std::pair<const char *, bool &> flags[] = {
        {"auto-reconnect", policy.reconnect.automatic},
        {"follow-redirects", policy.followRedirects},
        {"resubscribe", policy.resubscribeWhenFresh},
        {"republish-lost", policy.republishLost},
        {"topic-aliases", policy.useTopicAliases},
        {"ignore-limits", policy.ignoreServerLimits},
        {"note-violations", policy.noteViolationsOnly},
        {"after-takeover", policy.reconnect.afterTakeover},
        {"clean-after-unanswered-resume", policy.cleanAfterUnansweredResume},
    };
    for (const auto &[name, value] : flags)
        value = value || reader.isSet(name);
    reader.read("behave", parseWays<ClientMisbehaviour>, [&](const ClientWays &ways) { plan.misbehaviour = ways; });
    reader.read("hold", parseAcknowledgements, [&](const std::vector<PacketType> &types) { plan.heldAcks = types; });
}

void readSteps(Reader &reader, ConnectPlan &plan)
{
    plan.steps.append(ConnectStep{});
    const bool profileSubscribes = !plan.profileSubscriptions.empty();
    for (const SubscribeCommand &command : std::exchange(plan.profileSubscriptions, {}))
        plan.steps.append(SubscribeStep{command.entries.value(0), command.properties});
    reader.readEach("subscribe", parseSubscription,
                    [&](const SubscribePacket::Entry &entry) { plan.steps.append(SubscribeStep{entry}); });
    reader.readEach("publish", parsePublish, [&](const Message &message) { plan.steps.append(PublishStep{message}); });
    const Scheme scheme = plan.broker ? plan.broker->scheme : Scheme::Tcp;
    reader.readEach("then", parseStep, [&](const Step &step) {
        const auto *cut = std::get_if<CutStep>(&step);
        if (const char *why = cut ? whyNotClosed(scheme, cut->how) : nullptr)
            reader.fail({QStringLiteral("--then: ") + QLatin1String(why)});
        plan.steps.append(step);
    });
    reader.read(
        "count", [](const QString &text) { return parseNumber(text, 1, std::numeric_limits<int>::max()); },
        [&](qint64 value) { plan.count = int(value); });
    reader.read("wait", parseDuration, [&](Duration value) { plan.wait = value; });
    reader.read("timeout", parseDuration, [&](Duration value) { plan.timeout = value; });
    const bool onlyPublishes = reader.isSet("publish") && !reader.isSet("subscribe") && !profileSubscribes;
    plan.staysUntilStopped = !plan.count && !plan.wait && !reader.isSet("then") && !onlyPublishes;
}

} // namespace

Options declareConnectOptions()
{
    Options options(
        QStringLiteral("connect URL|--profile NAME [options]"),
        QStringLiteral("Connects one client, subscribes, publishes, carries out the --then steps in order, and\n"
                       "leaves. Prints the CONNACK with its Session Present, and the messages that arrive."));
    options.addPositional(
        QStringLiteral("URL"),
        QStringLiteral(
            "mqtt://HOST:PORT, mqtts://, ws://HOST:PORT/PATH, wss://, unix:///PATH, HOST:PORT, or "
            "\"bundled\": a broker of our own, started for this run, whose end of the session can be seen."));
    const auto value = [&options](const char *name, const char *valueName, const char *help) {
        options.addValue(option(name), QString::fromLatin1(valueName), QString::fromLatin1(help));
    };
    const auto flag = [&options](const char *name, const char *help) {
        options.addFlag(option(name), QString::fromLatin1(help));
    };
    value(
        "profile", "NAME",
        "Begin with a profile: a file, or a name in the folder of profiles. Options beside it hold instead; without a "
        "URL its own broker is meant.");
    addTlsOptions(options);
    value("client-id", "ID", "Client Identifier (default: empty, the server assigns one).");
    value("mqtt-version", "5|3.1.1|3.1", "Version of the protocol (default 5).");
    value("clean-start", "0|1",
          "Clean Start; Clean Session before MQTT 5 (default 1). 0 also takes up a session that an earlier run left.");
    value("session-expiry", "DURATION", "Session Expiry Interval: 1h, 90s, 0, never, or absent (default absent).");
    value("keep-alive", "DURATION", "Keep Alive in whole seconds; 0 switches it off (default 60s).");
    value("receive-maximum", "N", "Receive Maximum, 1 to 65535 (default: absent).");
    value("maximum-packet-size", "BYTES", "Maximum Packet Size (default: absent).");
    value("topic-alias-maximum", "N", "Topic Alias Maximum, 0 to 65535 (default: absent).");
    value("request-response-information", "0|1", "Ask for Response Information (default: absent).");
    value("request-problem-information", "0|1", "Take reason strings and user properties (default: absent).");
    value("user-property", "NAME=VALUE", "User Property of the CONNECT. May be given several times.");
    value("will-topic", "TOPIC", "Gives the client a will.");
    value("will-payload", "TEXT", "Its payload (default: empty).");
    value("will-qos", "0|1|2", "Its QoS (default 0).");
    flag("will-retain", "Retain it.");
    value("will-delay", "DURATION", "Its Will Delay Interval.");
    value("user", "NAME", "User name.");
    value("password-file", "FILE", "Password: the first line of a file that only you may read.");
    value("password-env", "NAME", "Password: the value of an environment variable.");
    value("auth-method", "NAME",
          "Enhanced authentication (MQTT 5): SCRAM-SHA-256 or SCRAM-SHA-1 with --user and the password, or any name "
          "with --auth-data.");
    value("auth-data", "TEXT", "Authentication Data to send, one after the other. May be given several times.");
    flag("auto-reconnect", "Come back by itself after a loss: 1 s, 2 s, 4 s, up to 1 min; not after a takeover.");
    flag("after-takeover",
         "With --auto-reconnect: come back after a takeover, too. Two clients that do so take turns for ever.");
    flag("clean-after-unanswered-resume",
         "After a CONNECT with Clean Start 0 that was never answered, connect with Clean Start 1: rather lose the "
         "session than resume one in doubt.");
    flag("follow-redirects", "Go where the server points with Use another server or Server moved.");
    flag("resubscribe", "Subscribe again when the server has lost the session.");
    flag("republish-lost", "Publish again what a lost session left unknown.");
    flag("topic-aliases", "Give topics an alias while the server takes more.");
    flag("ignore-limits", "Send what the server's CONNACK said it does not take.");
    flag("note-violations", "Note what the server does against the standard, and go on.");
    value("behave", "NAME,…",
          "Misbehave on purpose in these ways, to see what a server makes of it; \"list\" shows them all. What is done "
          "is told by --packets.");
    value("hold", "PUBACK+PUBREC",
          "Keep these acknowledgements back from the start: PUBACK, PUBREC, PUBREL, PUBCOMP; and on their way here, "
          "SUBACK, "
          "UNSUBACK.");
    value("subscribe", "FILTER[:QOS]", "Subscribe once connected. May be given several times.");
    value("publish", "TOPIC[:QOS[r]]=PAYLOAD", "Publish after that; r sets RETAIN. May be given several times.");
    value("then", "STEP", "A further step, carried out in order (see below). May be given several times.");
    value("count", "N", "Leave when N messages have arrived.");
    value("wait", "DURATION", "Stay that long after the last step.");
    value("timeout", "DURATION", "Give up when an answer takes longer (default 30s).");
    value("record", "FILE",
          "Write what is done and seen to FILE, as a scenario for run. A password is not in it: the scenario takes it "
          "from the environment.");
    value("capture", "FILE",
          "Write everything that happens to FILE: as a capture for Wireshark when its name ends in .pcapng, else as a "
          "recording for show. Passwords and authentication data are masked.");
    flag("packets", "Print everything that happens, each packet in one line.");
    flag("state", "Print the session's state before leaving, both ends with \"bundled\".");
    flag("json", "Print JSON, one object a line.");
    options.setEpilogue(
        QStringLiteral(
            "Steps for --then:\n%1\n"
            "With no step, count or wait to end it, it stays until q or Ctrl+C. On a terminal these keys work "
            "meanwhile:\n"
            "c cut, r reconnect, d disconnect, h hold acknowledgements or no longer, a release them, s state, q quit, "
            "? help.\n\n"
            "Exit codes: 0 done; 1 refused, lost or timed out; 2 wrong usage.")
            .arg(stepsHelp()));
    return options;
}

Parsed<ConnectPlan> connectPlan(const Options &options)
{
    ConnectPlan plan;
    plan.connect.keepAlive = 60;
    Reader reader(options);
    readProfile(reader, plan);
    if (reader.error())
        return *reader.error();
    const QStringList urls = options.positional();
    if (urls.isEmpty() && !reader.isSet("profile"))
        return UsageError{QStringLiteral(
            "no URL given: expected mqtt://HOST:PORT, HOST:PORT or bundled, or a profile by --profile NAME")};
    if (!urls.isEmpty()) {
        const auto endpoint =
            urls.first() == u"bundled" ? Result<Endpoint, QString>(Endpoint{}) : parseEndpoint(urls.first());
        if (!endpoint)
            return UsageError{endpoint.error()};
        plan.broker = urls.first() == u"bundled" ? std::nullopt : std::optional(*endpoint);
    }
    readTls(reader, plan);
    readIdentity(reader, plan.connect);
    readSession(reader, plan.connect);
    readWill(reader, plan.connect);
    readAuthentication(reader, options, plan);
    readPolicy(reader, plan);
    readSteps(reader, plan);
    if (reader.error())
        return *reader.error();
    plan.recordFile = reader.text("record");
    if (reader.isSet("record") && (plan.recordFile.isEmpty() || QFile::exists(plan.recordFile)))
        return UsageError{
            QStringLiteral("--record: \"%1\" is there already: expected the name of a new file").arg(plan.recordFile)};
    plan.captureFile = reader.text("capture");
    if (reader.isSet("capture") && plan.captureFile.isEmpty())
        return UsageError{QStringLiteral("--capture: expected the name of a file")};
    if (reader.isSet("capture") && QFile::exists(plan.captureFile))
        return UsageError{QStringLiteral("--capture: \"%1\" is there already: expected the name of a new file")
                              .arg(plan.captureFile)};
    plan.showPackets = reader.isSet("packets");
    plan.showState = reader.isSet("state");
    plan.asJson = reader.isSet("json");
    return plan;
}

} // namespace sessionscope::cli
