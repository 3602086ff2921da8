// The table of verbs and the readers that are one line each; those of connections and faults are in fault_verbs.cpp,
// those of packets in packet_verbs.cpp.
#include "core/scenario/verbs.h"

#include "core/notation/broker_settings.h"
#include "core/scenario/grammar.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

template<class Command> Action plain(const Node &, const VerbContext &context)
{
    return CommandAction{ClientDo{context.key, Command{}}};
}

Action readReconnect(const Node &, const VerbContext &context)
{
    return CommandAction{ClientDo{context.key, ReconnectCommand{}}, Awaits::Connack};
}

Action readRestart(const Node &node, const VerbContext &context)
{
    const Node *store = node.find(u"store");
    if (store && store->text == u"lost")
        return CommandAction{ClientDo{context.key, ForgetCommand{}}};
    return CommandAction{CutLink{context.key, CloseHow::Reset}};
}

Action readSendRaw(const Node &node, const VerbContext &context)
{
    return CommandAction{SendRaw{context.key, readHex(node.text).value_or(QByteArray())}};
}

Action readBrokerRestart(const Node &node, const VerbContext &)
{
    RestartBroker command;
    if (node.text == u"crash")
        command.how = BrokerRestart::Crash;
    else if (node.text == u"crash_losing_store")
        command.how = BrokerRestart::CrashLosingStore;
    return CommandAction{command};
}

Action readStore(const Node &node, const VerbContext &)
{
    return CommandAction{BrokerDo{StoreChanged{node.text == u"failing" ? StoreState::Failing : StoreState::Working}}};
}

Action readKick(const Node &node, const VerbContext &context)
{
    KickClient command;
    if (node.isScalar())
        command.clientId = clientIdOf(node, context);
    if (const Node *client = node.find(u"client"))
        command.clientId = clientIdOf(*client, context);
    if (const Node *reason = node.find(u"reason"))
        command.reason = readReason(*reason);
    if (const Node *reference = node.find(u"server_reference"))
        command.serverReference = readText(*reference);
    if (const Node *text = node.find(u"reason_string"))
        command.reasonString = readText(*text);
    return CommandAction{BrokerDo{command}};
}

Action readEndSession(const Node &node, const VerbContext &context)
{
    return CommandAction{BrokerDo{EndSession{clientIdOf(node, context)}}};
}

Action readSettingsVerb(const Node &node, const VerbContext &)
{
    return SettingsAction{readSettings(node)};
}

const Shape &emptyShape()
{
    static const Shape shape{.kind = Shape::Kind::Empty, .what = QStringLiteral("nothing")};
    return shape;
}

const Shape &restartShape()
{
    static const Shape store{.kind = Shape::Kind::Words,
                             .what = QStringLiteral("kept or lost"),
                             .words = {QStringLiteral("kept"), QStringLiteral("lost")}};
    static const Shape shape{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("store: kept or store: lost"),
        .fields = {{QStringLiteral("store"), &store, QStringLiteral("what it finds afterwards"), Need::Required}}};
    return shape;
}

const Shape &brokerRestartShape()
{
    static const Shape shape{
        .kind = Shape::Kind::Words,
        .what = QStringLiteral("a way to restart"),
        .words = {QStringLiteral("clean"), QStringLiteral("crash"), QStringLiteral("crash_losing_store")}};
    return shape;
}

const Shape &storeShape()
{
    static const Shape shape{.kind = Shape::Kind::Words,
                             .what = QStringLiteral("failing or working"),
                             .words = {QStringLiteral("failing"), QStringLiteral("working")}};
    return shape;
}

const Shape &kickShape()
{
    static const Shape map{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("client, reason, reason_string, server_reference"),
        .fields = {{QStringLiteral("client"), &textShape(), QStringLiteral("whom"), Need::Required},
                   {QStringLiteral("reason"), &reasonShape(), QStringLiteral("administrative_action unless given")},
                   {QStringLiteral("reason_string"), &textShape(), QStringLiteral("Reason String (5.0)")},
                   {QStringLiteral("server_reference"), &textShape(), QStringLiteral("where to go instead")}}};
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("a client, or { client: …, reason: … }"),
                             .any = {&textShape(), &map}};
    return shape;
}

/// Settings that are about files and the listener, which a scenario has not.
bool isOfScenario(const Setting &setting)
{
    const QByteArray name = setting.name;
    return setting.kind != Setting::Kind::Path && setting.kind != Setting::Kind::List && name != "listen" &&
           name != "log" && name != "trace" && name != "no-anonymous";
}

QString keyOf(const Setting &setting)
{
    return QString::fromLatin1(setting.name).replace(u'-', u'_');
}

} // namespace

QByteArray clientIdOf(const Node &node, const VerbContext &context)
{
    const QByteArray name = node.text.toUtf8();
    const ClientKey key = context.scenario.keyOf(name);
    if (!key.value)
        return name;
    const QByteArray &clientId = context.scenario.clients[key.value - 1].connect.clientId;
    return clientId.isEmpty() ? name : clientId;
}

const std::vector<Verb> &clientVerbs()
{
    static const std::vector<Verb> verbs{
        {QStringLiteral("connect"), &connectShape(), QStringLiteral("connect, with other fields if they are given"),
         true, readConnectVerb},
        {QStringLiteral("reconnect"), &emptyShape(), QStringLiteral("connect as before, with Clean Start 0"), true,
         readReconnect},
        {QStringLiteral("disconnect"), &disconnectShape(), QStringLiteral("leave with DISCONNECT"), true,
         readDisconnect},
        {QStringLiteral("publish"), &publishShape(), QStringLiteral("publish a message, or many"), false, readPublish},
        {QStringLiteral("subscribe"), &subscribeShape(), QStringLiteral("subscribe to one filter or several"), false,
         readSubscribe},
        {QStringLiteral("unsubscribe"), &unsubscribeShape(), QStringLiteral("unsubscribe from one filter or several"),
         false, readUnsubscribe},
        {QStringLiteral("request"), &publishShape(), QStringLiteral("publish with a Response Topic (5.0)"), false,
         readRequest},
        {QStringLiteral("ping"), &emptyShape(), QStringLiteral("send PINGREQ"), true, plain<PingCommand>},
        {QStringLiteral("auth"), &authShape(), QStringLiteral("send AUTH, whatever the exchange is at (5.0)"), false,
         readAuth},
        {QStringLiteral("reauthenticate"), &emptyShape(), QStringLiteral("authenticate again (5.0)"), true,
         plain<ReauthenticateCommand>},
        {QStringLiteral("send_raw"), &hexShape(), QStringLiteral("send these bytes, whatever they are"), false,
         readSendRaw},
        {QStringLiteral("restart"), &restartShape(), QStringLiteral("lose power, and the store or not"), false,
         readRestart},
        {QStringLiteral("hold"), &holdShape(),
         QStringLiteral("keep these acknowledgements back from now on: its own, SUBACK and UNSUBACK, or received ones"),
         false, readHold},
        {QStringLiteral("release"), &releaseShape(), QStringLiteral("send what is held, all or one"), true,
         readRelease},
        {QStringLiteral("answer_with"), &answerShape(),
         QStringLiteral("let the next such acknowledgement have this reason code; a SUBACK for each filter"), false,
         readAnswer},
        {QStringLiteral("cut"), &cutShape(), QStringLiteral("break the connection, now or at a packet"), true, readCut},
        {QStringLiteral("silence"), &silenceShape(), QStringLiteral("let nothing pass, and tell nobody"), true,
         readSilence},
        {QStringLiteral("drop"), &faultShape(), QStringLiteral("lose a packet, or bytes of it"), false, readDrop},
        {QStringLiteral("duplicate"), &faultShape(), QStringLiteral("let a packet, or bytes of it, come twice"), false,
         readDuplicate},
        {QStringLiteral("delay"), &delayShape(),
         QStringLiteral("let a packet, or a part of it, and all behind it, wait"), false, readDelay},
        {QStringLiteral("corrupt"), &corruptShape(), QStringLiteral("change a byte of a packet"), false, readCorrupt},
        {QStringLiteral("throttle"), &throttleShape(),
         QStringLiteral("so many bytes a second, from now or a packet on; 0 for no limit"), false, readThrottle},
        {QStringLiteral("disarm"), &emptyShape(), QStringLiteral("forget the faults that wait"), true, readDisarm},
        {QStringLiteral("behave"), &clientBehaveShape(),
         QStringLiteral("misbehave from now on in these ways; none: behave"), false, readClientBehave},
    };
    return verbs;
}

const std::vector<Verb> &brokerVerbs()
{
    static const std::vector<Verb> verbs{
        {QStringLiteral("restart"), &brokerRestartShape(), QStringLiteral("stop or crash, and be there again"), false,
         readBrokerRestart},
        {QStringLiteral("store"), &storeShape(), QStringLiteral("its store takes no writes from now on, or takes them"),
         false, readStore},
        {QStringLiteral("kick"), &kickShape(), QStringLiteral("disconnect a client"), false, readKick},
        {QStringLiteral("end_session"), &textShape(), QStringLiteral("end the session of a client at once"), false,
         readEndSession},
        {QStringLiteral("settings"), &brokerSettingsShape(), QStringLiteral("change settings"), false,
         readSettingsVerb},
        {QStringLiteral("limits"), &brokerSettingsShape(), QStringLiteral("another word for settings"), false,
         readSettingsVerb},
        {QStringLiteral("behave"), &brokerBehaveShape(),
         QStringLiteral("misbehave from now on in these ways, towards all or one client; none: behave"), false,
         readBrokerBehave},
    };
    return verbs;
}

const Verb *verbOf(const std::vector<Verb> &verbs, const QString &name)
{
    const auto found = std::ranges::find(verbs, name, &Verb::name);
    return found == verbs.end() ? nullptr : &*found;
}

const Shape &brokerSettingsShape()
{
    static std::vector<std::unique_ptr<Shape>> values;
    static const auto make = [] {
        Shape shape{.kind = Shape::Kind::Map, .what = QStringLiteral("a setting of the broker")};
        shape.otherNames = {{QStringLiteral("receive_maximum"), QStringLiteral("max_inflight")},
                            {QStringLiteral("topic_alias_maximum"), QStringLiteral("max_topic_alias")},
                            {QStringLiteral("maximum_packet_size"), QStringLiteral("max_packet_size")},
                            {QStringLiteral("packet_size"), QStringLiteral("max_packet_size")},
                            {QStringLiteral("maximum_qos"), QStringLiteral("max_qos")},
                            {QStringLiteral("session_expiry"), QStringLiteral("max_session_expiry")},
                            {QStringLiteral("server_keep_alive"), QStringLiteral("max_keep_alive")},
                            {QStringLiteral("keep_alive"), QStringLiteral("max_keep_alive")},
                            {QStringLiteral("queue_length"), QStringLiteral("max_queued")}};
        for (const Setting &setting : brokerSettings()) {
            if (!isOfScenario(setting))
                continue;
            values.push_back(std::make_unique<Shape>(
                Shape{.what = QString::fromLatin1(setting.valueName), .wrong = [&setting](const Node &node) {
                          BrokerSettings scratch;
                          const auto error = setting.set(scratch, node.text);
                          return error ? std::optional(error->text) : std::nullopt;
                      }}));
            shape.fields.push_back({keyOf(setting), values.back().get(), QString::fromLatin1(setting.help)});
        }
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

std::vector<std::pair<QString, QString>> readSettings(const Node &node)
{
    std::vector<std::pair<QString, QString>> settings;
    for (const Node::Entry &entry : node.entries)
        settings.emplace_back(entry.key, entry.value.text);
    return settings;
}

void applySettings(BrokerConfig &config, const std::vector<std::pair<QString, QString>> &settings)
{
    BrokerSettings all;
    all.config = config;
    for (const auto &[name, text] : settings) {
        for (const Setting &setting : brokerSettings()) {
            if (isOfScenario(setting) && keyOf(setting) == name)
                setting.set(all, text);
        }
    }
    config = all.config;
}

} // namespace sessionscope
