// Verbs that begin and end a connection, and the fields of CONNECT.
#include "core/mqtt/codec.h"
#include "core/scenario/grammar.h"
#include "core/scenario/read_client.h"
#include "core/scenario/read_fields.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

Will readWill(const Node &node)
{
    Will will;
    readContent(node, will);
    PropertyReader(node, will.properties).seconds(u"delay", PropertyId::WillDelayInterval);
    return will;
}

} // namespace

void readConnect(const Node &node, ConnectPacket &connect)
{
    if (const Node *version = node.find(u"version")) {
        const Version wanted = readVersion(*version);
        connect.protocolLevel = quint8(wanted);
        connect.protocolName = wanted == Version::V31 ? "MQIsdp" : "MQTT";
    }
    if (const Node *clientId = node.find(u"client_id"))
        connect.clientId = readText(*clientId);
    if (const Node *cleanStart = node.find(u"clean_start"))
        connect.cleanStart = readFlag(*cleanStart);
    if (const Node *keepAlive = node.find(u"keep_alive"))
        connect.keepAlive = quint16(readSeconds(*keepAlive));
    if (const Node *userName = node.find(u"username"))
        connect.userName = readText(*userName);
    if (const Node *will = node.find(u"will"))
        connect.will = readWill(*will);
    PropertyReader reader(node, connect.properties);
    reader.seconds(u"session_expiry", PropertyId::SessionExpiryInterval);
    reader.number(u"receive_maximum", PropertyId::ReceiveMaximum);
    reader.number(u"maximum_packet_size", PropertyId::MaximumPacketSize);
    reader.number(u"topic_alias_maximum", PropertyId::TopicAliasMaximum);
    reader.flag(u"request_response_information", PropertyId::RequestResponseInformation);
    reader.flag(u"request_problem_information", PropertyId::RequestProblemInformation);
    addUserProperties(connect.properties, node.find(u"user_properties"));
}

// ---- verbs ----

const Shape &connectShape()
{
    static const Shape authentication =
        mapOf(QStringLiteral("method, data"),
              {{QStringLiteral("method"), &textShape(), QStringLiteral("Authentication Method")},
               {QStringLiteral("data"), &payloadShape(), QStringLiteral("Authentication Data")}});
    static const auto makeFields = [] {
        std::vector<Field> fields = connectFields();
        fields.push_back({QStringLiteral("password"), &passwordShape(),
                          QStringLiteral("Password, by reference, instead of the client's")});
        fields.push_back({QStringLiteral("authentication"), &authentication,
                          QStringLiteral("Authentication Method and Data as they are, for a client that has no "
                                         "authentication of its own; auth goes on (5.0)")});
        return fields;
    };
    static const Shape shape = mapOf(QStringLiteral("fields of CONNECT"), makeFields());
    return shape;
}

Action readConnectVerb(const Node &node, const VerbContext &context)
{
    ConnectPacket connect = context.client->connect;
    readConnect(node, connect);
    CommandAction action{.command = {}, .awaits = Awaits::Connack};
    if (const Node *password = node.find(u"password")) {
        const QByteArray asker = connect.userName.value_or(context.client->name);
        action.passwordFrom = readPassword(*password, QString::fromUtf8(asker), context.problems);
    }
    if (const Node *authentication = node.find(u"authentication")) {
        if (connect.protocolLevel != quint8(Version::V5))
            report(context, authentication->place,
                   QStringLiteral("MQTT 5 brought enhanced authentication: expected version: 5"));
        if (context.client->authentication)
            report(context, authentication->place,
                   QStringLiteral("the client has an authentication of its own: expected one of the two"));
        PropertyReader reader(*authentication, connect.properties);
        reader.text(u"method", PropertyId::AuthenticationMethod);
        reader.payload(u"data", PropertyId::AuthenticationData);
    }
    action.command = ClientDo{context.key, ConnectCommand{connect}};
    return action;
}

const Shape &disconnectShape()
{
    static const Shape map{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("reason, session_expiry, reason_string, server_reference, user_properties"),
        .fields = {
            {QStringLiteral("reason"), &reasonShape(),
             QStringLiteral("normal_disconnection unless given; also one that a client may not send (5.0)")},
            {QStringLiteral("session_expiry"), &secondsShape(),
             QStringLiteral("Session Expiry Interval from now on (5.0)")},
            {QStringLiteral("reason_string"), &textShape(), QStringLiteral("Reason String (5.0)")},
            {QStringLiteral("server_reference"), &textShape(),
             QStringLiteral("Server Reference, which only a server may send (5.0)")},
            {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")}}};
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("a reason code, or { reason: …, session_expiry: … }"),
                             .any = {&reasonShape(), &map}};
    return shape;
}

Action readDisconnect(const Node &node, const VerbContext &context)
{
    DisconnectCommand command;
    if (node.isScalar())
        command.reason = readReason(node);
    if (const Node *reason = node.find(u"reason"))
        command.reason = readReason(*reason);
    if (const Node *expiry = node.find(u"session_expiry"))
        command.sessionExpiryInterval = readSeconds(*expiry);
    PropertyReader reader(node, command.properties);
    reader.text(u"reason_string", PropertyId::ReasonString);
    reader.text(u"server_reference", PropertyId::ServerReference);
    addUserProperties(command.properties, node.find(u"user_properties"));
    if (context.client->connect.protocolLevel != quint8(Version::V5) && !command.properties.isEmpty())
        report(context, node.place, QStringLiteral("MQTT 5 brought the properties of DISCONNECT: expected version: 5"));
    return CommandAction{ClientDo{context.key, command}, Awaits::Closed};
}

const Shape &authShape()
{
    static const Shape shape{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("reason, method, data, reason_string, user_properties"),
        .fields = {{QStringLiteral("reason"), &reasonShape(), QStringLiteral("continue_authentication unless given")},
                   {QStringLiteral("method"), &textShape(), QStringLiteral("Authentication Method")},
                   {QStringLiteral("data"), &payloadShape(), QStringLiteral("Authentication Data")},
                   {QStringLiteral("reason_string"), &textShape(), QStringLiteral("Reason String")},
                   {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties")}}};
    return shape;
}

Action readAuth(const Node &node, const VerbContext &context)
{
    if (context.client->connect.protocolLevel != quint8(Version::V5))
        report(context, node.place, QStringLiteral("MQTT 5 brought AUTH: expected version: 5"));
    AuthPacket packet{.reason = ReasonCode::ContinueAuthentication};
    if (const Node *reason = node.find(u"reason"))
        packet.reason = readReason(*reason);
    PropertyReader reader(node, packet.properties);
    reader.text(u"method", PropertyId::AuthenticationMethod);
    reader.payload(u"data", PropertyId::AuthenticationData);
    reader.text(u"reason_string", PropertyId::ReasonString);
    addUserProperties(packet.properties, node.find(u"user_properties"));
    return CommandAction{SendRaw{context.key, encode(Packet{packet, {}}, Version::V5)}};
}

} // namespace sessionscope
