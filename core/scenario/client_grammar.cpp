// What a client can be told, for the clients of a scenario and for profiles: one list of fields for both.
#include "core/scenario/grammar_parts.h"

#include "core/scenario/scalars.h"
#include "core/scenario/verb_readers.h"

#include <QRegularExpression>

namespace sessionscope {

namespace {

using Kind = Shape::Kind;

/// A text whose error does not repeat it: what stands there by mistake may be a secret.
Shape referenceShape(const QString &what, const QString &expression)
{
    return {.what = what,
            .wrong = [what, expression](const Node &node) -> std::optional<QString> {
                if (QRegularExpression(QRegularExpression::anchoredPattern(expression)).match(node.text).hasMatch())
                    return std::nullopt;
                return QStringLiteral("expected %1").arg(what);
            },
            .schema = {{QStringLiteral("type"), QStringLiteral("string")},
                       {QStringLiteral("pattern"), QString(u'^' + expression + u'$')}}};
}

const Shape &willShape()
{
    static const Shape shape =
        mapOf(QStringLiteral("fields of a will"),
              {{QStringLiteral("topic"), &textShape(), QStringLiteral("where it is published"), Need::Required},
               {QStringLiteral("payload"), &payloadShape(), QStringLiteral("what is published")},
               {QStringLiteral("qos"), &qosShape(), QStringLiteral("0 unless given")},
               {QStringLiteral("retain"), &flagShape(), QStringLiteral("false unless given")},
               {QStringLiteral("delay"), &secondsShape(), QStringLiteral("Will Delay Interval (5.0)")},
               {QStringLiteral("message_expiry"), &secondsShape(), QStringLiteral("Message Expiry Interval (5.0)")},
               {QStringLiteral("payload_format"), &flagShape(), QStringLiteral("true: the payload is UTF-8 (5.0)")},
               {QStringLiteral("content_type"), &textShape(), QStringLiteral("Content Type (5.0)")},
               {QStringLiteral("response_topic"), &textShape(), QStringLiteral("Response Topic (5.0)")},
               {QStringLiteral("correlation_data"), &payloadShape(), QStringLiteral("Correlation Data (5.0)")},
               {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")}});
    return shape;
}

const Shape &reconnectShape()
{
    static const Shape map =
        mapOf(QStringLiteral("first_wait, longest_wait, attempts, after_takeover"),
              {{QStringLiteral("first_wait"), &durationShape(), QStringLiteral("1s unless given; doubles each time")},
               {QStringLiteral("longest_wait"), &durationShape(), QStringLiteral("1min unless given")},
               {QStringLiteral("attempts"), &countShape(), QStringLiteral("in a row; 0, the default, for no end")},
               {QStringLiteral("after_takeover"), &flagShape(),
                QStringLiteral("also then: two that do so take turns for ever")}});
    static const Shape shape = anyOf(QStringLiteral("true, false or { first_wait: 1s }"), {&flagShape(), &map});
    return shape;
}

/// Fields that clients and profiles have beyond those of CONNECT.
const std::vector<Field> &wayFields()
{
    static const Shape violation =
        wordsOf(QStringLiteral("a policy"), {QStringLiteral("answer"), QStringLiteral("note")});
    static const Shape sendMaximum = numberShape(1, 65'535, QStringLiteral("a number from 1 to 65535"));
    static const std::vector<Field> fields{
        {QStringLiteral("password"), &passwordShape(), QStringLiteral("Password, by reference")},
        {QStringLiteral("tls"), &tlsShape(), QStringLiteral("certificates, for a broker at mqtts:// or wss://")},
        {QStringLiteral("auto_reconnect"), &reconnectShape(), QStringLiteral("come back by itself")},
        {QStringLiteral("follow_redirects"), &flagShape(), QStringLiteral("go where the server points")},
        {QStringLiteral("resubscribe"), &flagShape(), QStringLiteral("subscribe again after Session Present 0")},
        {QStringLiteral("republish_lost"), &flagShape(),
         QStringLiteral("publish again what the end of the session left unknown")},
        {QStringLiteral("adopt_unknown_session"), &flagShape(),
         QStringLiteral("take Session Present 1 without state of its own")},
        {QStringLiteral("clean_after_unanswered_resume"), &flagShape(),
         QStringLiteral("rather lose the session than resume one in doubt")},
        {QStringLiteral("topic_aliases"), &flagShape(), QStringLiteral("give each topic an alias")},
        {QStringLiteral("ignore_server_limits"), &flagShape(), QStringLiteral("send what CONNACK ruled out")},
        {QStringLiteral("v3_send_maximum"), &sendMaximum,
         QStringLiteral("messages open at once towards a server before 5.0")},
        {QStringLiteral("answer_wait"), &durationShape(), QStringLiteral("for CONNACK and PINGRESP")},
        {QStringLiteral("on_violation"), &violation,
         QStringLiteral("answer as the standard demands, or note it and go on")}};
    return fields;
}

/// Clean Start and the rest of CONNECT, then what a client does on its own.
void addClientFields(std::vector<Field> &fields)
{
    fields.insert(fields.end(), connectFields().begin(), connectFields().end());
    fields.insert(fields.end(), wayFields().begin(), wayFields().end());
}

} // namespace

const std::vector<Field> &connectFields()
{
    static const Shape small = numberShape(0, 65'535, QStringLiteral("a number from 0 to 65535"));
    static const Shape positive = numberShape(1, 65'535, QStringLiteral("a number from 1 to 65535"));
    static const Shape size = numberShape(1, 0xFFFFFFFF, QStringLiteral("a number of bytes from 1 on"));
    static const std::vector<Field> fields{
        {QStringLiteral("version"), &versionShape(), QStringLiteral("5 unless given")},
        {QStringLiteral("client_id"), &textShape(), QStringLiteral("the client's name unless given")},
        {QStringLiteral("clean_start"), &flagShape(), QStringLiteral("Clean Session before 5.0; true unless given")},
        {QStringLiteral("session_expiry"), &secondsShape(), QStringLiteral("Session Expiry Interval (5.0)")},
        {QStringLiteral("keep_alive"), &keepAliveShape(), QStringLiteral("Keep Alive; 0, the default, for none")},
        {QStringLiteral("receive_maximum"), &positive, QStringLiteral("Receive Maximum (5.0)")},
        {QStringLiteral("maximum_packet_size"), &size, QStringLiteral("Maximum Packet Size (5.0)")},
        {QStringLiteral("topic_alias_maximum"), &small, QStringLiteral("Topic Alias Maximum (5.0)")},
        {QStringLiteral("request_response_information"), &flagShape(), QStringLiteral("(5.0)")},
        {QStringLiteral("request_problem_information"), &flagShape(), QStringLiteral("(5.0)")},
        {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")},
        {QStringLiteral("username"), &textShape(), QStringLiteral("User Name")},
        {QStringLiteral("will"), &willShape(), QStringLiteral("the message that is published if the client is lost")}};
    return fields;
}

const Shape &tlsShape()
{
    static const Shape shape = mapOf(
        QStringLiteral("ca_file, cert, key, server_name, alpn or insecure"),
        {{QStringLiteral("ca_file"), &textShape(),
          QStringLiteral("PEM file of the CA that signs the broker's certificate, by its name from here; the system's "
                         "unless given")},
         {QStringLiteral("cert"), &textShape(), QStringLiteral("PEM file of the client's own certificate")},
         {QStringLiteral("key"), &textShape(), QStringLiteral("PEM file of its private key, without a passphrase")},
         {QStringLiteral("server_name"), &textShape(),
          QStringLiteral("whom the broker's certificate has to be for; the URL's host unless given")},
         {QStringLiteral("alpn"), &textShape(), QStringLiteral("the application protocol that is offered")},
         {QStringLiteral("insecure"), &flagShape(), QStringLiteral("true: talk to whoever answers")}});
    return shape;
}

const Shape &passwordShape()
{
    static const Shape variable =
        referenceShape(QStringLiteral("the name of an environment variable"), QStringLiteral("[A-Za-z_][A-Za-z0-9_]*"));
    static const Shape entry = referenceShape(QStringLiteral("SERVICE/KEY of the keyring"), QStringLiteral("[^/]+/.+"));
    static const Shape yes{.what = QStringLiteral("true"),
                           .wrong = [](const Node &node) -> std::optional<QString> {
                               if (node.text == u"true" || node.text == u"yes")
                                   return std::nullopt;
                               return QStringLiteral("expected true");
                           },
                           .schema = {{QStringLiteral("const"), true}}};
    static const Shape map =
        mapOf(QStringLiteral("env, file, keyring or ask"),
              {{QStringLiteral("env"), &variable, QStringLiteral("an environment variable that holds it")},
               {QStringLiteral("file"), &textShape(),
                QStringLiteral("a file whose first line it is, by its name from here; only its owner may read it")},
               {QStringLiteral("keyring"), &entry, QStringLiteral("an entry of the desktop's keyring")},
               {QStringLiteral("ask"), &yes, QStringLiteral("true: ask whoever connects")}});
    static const Shape inTheFile{.what = QStringLiteral("no password in plain text"),
                                 .wrong = [](const Node &) -> std::optional<QString> {
                                     return QStringLiteral(
                                         "a password does not stand in a file: expected { env: NAME }, { file: PATH }, "
                                         "{ keyring: SERVICE/KEY } or { ask: true }");
                                 },
                                 .schema = {{QStringLiteral("not"), QJsonObject()}}};
    static const Shape shape = anyOf(
        QStringLiteral("{ env: NAME }, { file: PATH }, { keyring: SERVICE/KEY } or { ask: true }"), {&map, &inTheFile});
    return shape;
}

namespace {

const Shape &authenticationShape()
{
    static const Shape script = listOf(QStringLiteral("a list of data"), payloadShape());
    static const Shape shape =
        mapOf(QStringLiteral("method, script"),
              {{QStringLiteral("method"), &textShape(),
                QStringLiteral("SCRAM-SHA-256 or SCRAM-SHA-1 with username and password, or any name with a script"),
                Need::Required},
               {QStringLiteral("script"), &script,
                QStringLiteral("Authentication Data to send, one after the other, whatever the server says")}});
    return shape;
}

} // namespace

const Shape &clientShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields{{QStringLiteral("profile"), &textShape(),
                                   QStringLiteral("a profile to begin with; what stands beside it holds instead")}};
        addClientFields(fields);
        fields.push_back({QStringLiteral("authentication"), &authenticationShape(),
                          QStringLiteral("enhanced authentication (5.0)")});
        fields.push_back(
            {QStringLiteral("broker"), &textShape(), QStringLiteral("the URL of another broker, for this client")});
        return fields;
    };
    static const Shape map = mapOf(QStringLiteral("fields of a client"), makeFields());
    static const Shape empty{.kind = Kind::Empty, .what = QStringLiteral("nothing")};
    static const Shape shape = anyOf(QStringLiteral("fields of a client, or nothing"), {&map, &empty});
    return shape;
}

const Shape &profileShape()
{
    static const Shape subscriptions = listOf(QStringLiteral("a list of filters"), subscriptionShape());
    static const Shape method =
        wordsOf(QStringLiteral("a method"), {QStringLiteral("SCRAM-SHA-256"), QStringLiteral("SCRAM-SHA-1")});
    static const auto makeFields = [] {
        std::vector<Field> fields{
            {QStringLiteral("profile"), &textShape(), QStringLiteral("its name; the first key"), Need::Required},
            {QStringLiteral("about"), &textShape(), QStringLiteral("what it is for, in a sentence or two")},
            {QStringLiteral("broker"), &textShape(),
             QStringLiteral("its URL, such as mqtt://host:1883; bundled unless given")}};
        addClientFields(fields);
        fields.push_back({QStringLiteral("auth_method"), &method,
                          QStringLiteral("prove the password to the server instead of sending it (5.0)")});
        fields.push_back({QStringLiteral("subscribe"), &subscriptions,
                          QStringLiteral("what to subscribe to once connected; one SUBSCRIBE each")});
        return fields;
    };
    static const Shape shape = mapOf(QStringLiteral("a key of a profile"), makeFields());
    return shape;
}

QJsonObject profileSchema()
{
    return jsonSchemaOf(profileShape(), QStringLiteral("A Sessionscope profile"));
}

QString profileHelp()
{
    QString text;
    for (const Field &field : profileShape().fields)
        text += QStringLiteral("  %1  %2\n").arg(field.name, -30).arg(field.help);
    return text;
}

} // namespace sessionscope
