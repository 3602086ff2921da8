#include "core/scenario/grammar_parts.h"

#include "core/notation/broker_settings.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"

namespace sessionscope {

namespace {

using Kind = Shape::Kind;

// ---- clients ----

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
               {QStringLiteral("content_type"), &textShape(), QStringLiteral("Content Type (5.0)")},
               {QStringLiteral("response_topic"), &textShape(), QStringLiteral("Response Topic (5.0)")},
               {QStringLiteral("correlation_data"), &payloadShape(), QStringLiteral("Correlation Data (5.0)")},
               {QStringLiteral("user_properties"), &userPropertiesShape(), QStringLiteral("User Properties (5.0)")}});
    return shape;
}

const Shape &passwordShape()
{
    static const Shape shape =
        mapOf(QStringLiteral("env, the name of an environment variable: secrets do not stand in files"),
              {{QStringLiteral("env"), &textShape(), QStringLiteral("an environment variable that holds it"),
                Need::Required}});
    return shape;
}

const Shape &reconnectShape()
{
    static const Shape map =
        mapOf(QStringLiteral("first_wait, longest_wait, attempts"),
              {{QStringLiteral("first_wait"), &durationShape(), QStringLiteral("1s unless given; doubles each time")},
               {QStringLiteral("longest_wait"), &durationShape(), QStringLiteral("1min unless given")},
               {QStringLiteral("attempts"), &countShape(), QStringLiteral("in a row; 0, the default, for no end")}});
    static const Shape shape = anyOf(QStringLiteral("true, false or { first_wait: 1s }"), {&flagShape(), &map});
    return shape;
}

const Shape &clientShape()
{
    static const Shape violation =
        wordsOf(QStringLiteral("a policy"), {QStringLiteral("answer"), QStringLiteral("note")});
    static const Shape sendMaximum = numberShape(1, 65'535, QStringLiteral("a number from 1 to 65535"));
    static const auto makeFields = [] {
        std::vector<Field> fields = connectFields();
        const std::vector<Field> ways{
            {QStringLiteral("password"), &passwordShape(), QStringLiteral("Password, by reference")},
            {QStringLiteral("broker"), &textShape(), QStringLiteral("the URL of another broker, for this client")},
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
        fields.insert(fields.end(), ways.begin(), ways.end());
        return fields;
    };
    static const Shape map = mapOf(QStringLiteral("fields of a client"), makeFields());
    static const Shape empty{.kind = Kind::Empty, .what = QStringLiteral("nothing")};
    static const Shape shape = anyOf(QStringLiteral("fields of a client, or nothing"), {&map, &empty});
    return shape;
}

// ---- steps ----

const Shape &brokerVerbsShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields;
        for (const Verb &verb : brokerVerbs())
            fields.push_back({verb.name, verb.shape, verb.help});
        return fields;
    };
    static const Shape shape = mapOf(QStringLiteral("a verb of the broker"), makeFields());
    return shape;
}

const Shape &clientVerbsShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields;
        for (const Verb &verb : clientVerbs())
            fields.push_back({verb.name, verb.shape, verb.help});
        return fields;
    };
    static const auto makeWords = [] {
        QStringList words;
        for (const Verb &verb : clientVerbs()) {
            if (verb.standsAlone)
                words << verb.name;
        }
        return words;
    };
    static const Shape map = mapOf(QStringLiteral("a verb of a client"), makeFields());
    static const Shape words = wordsOf(QStringLiteral("a verb that stands alone"), makeWords());
    static const Shape shape = anyOf(QStringLiteral("a verb, such as connect or { subscribe: … }"), {&words, &map});
    return shape;
}

const Shape &untilShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields = expectShape().fields;
        fields.push_back({QStringLiteral("expiry"), &textShape(),
                          QStringLiteral("until the session of this client ends at the broker")});
        fields.push_back({QStringLiteral("minus"), &durationShape(), QStringLiteral("with expiry: so much earlier")});
        fields.push_back({QStringLiteral("plus"), &durationShape(), QStringLiteral("with expiry: so much later")});
        return fields;
    };
    static const auto make = [] {
        Shape shape = mapOf(QStringLiteral("{ expiry: CLIENT }, or what expect takes"), makeFields());
        shape.patterns = expectShape().patterns;
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

/// Refers to itself by way of repeat.
struct StepShapes
{
    Shape step;
    Shape steps;
    Shape repeat;

    StepShapes()
    {
        step.kind = Kind::Map;
        step.what = QStringLiteral("a client with its verb, broker, wait, until, expect, never, repeat or include");
        step.fields = {
            {QStringLiteral("broker"), &brokerVerbsShape(), QStringLiteral("something that the bundled broker does")},
            {QStringLiteral("wait"), &durationShape(), QStringLiteral("let time pass")},
            {QStringLiteral("until"), &untilShape(),
             QStringLiteral("let time pass until this holds, within the limit")},
            {QStringLiteral("expect"), &expectShape(),
             QStringLiteral("what has to hold, within the limit: beside an action it counts from there on, alone "
                            "from the beginning")},
            {QStringLiteral("never"), &expectShape(), QStringLiteral("what must not come to hold, for a while")},
            {QStringLiteral("for"), &durationShape(), QStringLiteral("how long never is watched")},
            {QStringLiteral("limit"), &durationShape(), QStringLiteral("of this step, instead of the scenario's")},
            {QStringLiteral("repeat"), &repeat, QStringLiteral("steps several times")},
            {QStringLiteral("include"), &textShape(),
             QStringLiteral("the steps of another file, by its name from here")},
            {QStringLiteral("note"), &textShape(), QStringLiteral("words for the report")}};
        step.patterns = {{nameExpression(), &clientVerbsShape(), QStringLiteral("something that this client does")}};
        steps = listOf(QStringLiteral("a list of steps"), step);
        repeat = mapOf(QStringLiteral("times, steps"),
                       {{QStringLiteral("times"), &countShape(), QStringLiteral("how often"), Need::Required},
                        {QStringLiteral("steps"), &steps, QStringLiteral("what"), Need::Required}});
    }
    Q_DISABLE_COPY_MOVE(StepShapes)
};

const StepShapes &stepShapes()
{
    static const StepShapes shapes;
    return shapes;
}

const Shape &brokerChoiceShape()
{
    static const Shape bundled = wordsOf(QStringLiteral("bundled"), {QStringLiteral("bundled")});
    static const auto makeBundled = [] {
        std::vector<Field> fields{
            {QStringLiteral("url"), &textShape(), QStringLiteral("of a broker, such as mqtt://host:1883")},
            {QStringLiteral("settings"), &brokerSettingsShape(), QStringLiteral("of the bundled broker")}};
        return fields;
    };
    static const Shape map = mapOf(QStringLiteral("url, settings"), makeBundled());
    static const Shape shape = anyOf(QStringLiteral("bundled, { url: … } or { settings: … }"), {&bundled, &map});
    return shape;
}

void helpOf(QString &text, const Shape &shape)
{
    for (const Field &field : shape.fields)
        text += QStringLiteral("  %1  %2\n").arg(field.name, -26).arg(field.help);
}

} // namespace

const Shape &packetTypeShape()
{
    static const auto makeWords = [] {
        QStringList words;
        for (int type = 1; type <= 15; ++type)
            words << QString::fromLatin1(packetTypeName(PacketType(type)));
        return words;
    };
    static const Shape shape = wordsOf(QStringLiteral("a type of packet"), makeWords());
    return shape;
}

const Shape &payloadShape()
{
    static const Shape map = mapOf(QStringLiteral("hex or base64"),
                                   {{QStringLiteral("hex"), &hexShape(), QStringLiteral("bytes in hex")},
                                    {QStringLiteral("base64"), &base64Shape(), QStringLiteral("bytes in base64")}});
    static const Shape shape = anyOf(QStringLiteral("text, { hex: … } or { base64: … }"), {&textShape(), &map});
    return shape;
}

const Shape &userPropertiesShape()
{
    static const auto make = [] {
        Shape shape{.kind = Kind::Map, .what = QStringLiteral("names and values")};
        shape.patterns = {{QStringLiteral(".*"), &textShape(), QStringLiteral("a User Property")}};
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

const Shape &whenShape()
{
    static const Shape nth = numberShape(1, 1'000'000, QStringLiteral("a number of at least 1"));
    static const Shape id = numberShape(1, 65'535, QStringLiteral("a Packet Identifier, 1 to 65535"));
    static const Shape match =
        mapOf(QStringLiteral("packet, nth, qos, topic, dup, packet_id"),
              {{QStringLiteral("packet"), &packetTypeShape(), QStringLiteral("its type; any unless given")},
               {QStringLiteral("nth"), &nth, QStringLiteral("the n-th that matches from now on; 1 unless given")},
               {QStringLiteral("qos"), &qosShape(), QStringLiteral("of a PUBLISH")},
               {QStringLiteral("topic"), &textShape(), QStringLiteral("a filter over the topic of a PUBLISH")},
               {QStringLiteral("dup"), &flagShape(), QStringLiteral("of a PUBLISH")},
               {QStringLiteral("packet_id"), &id, QStringLiteral("its Packet Identifier")}});
    static const Shape packet = anyOf(QStringLiteral("a type of packet, or a pattern"), {&packetTypeShape(), &match});
    static const Shape shape =
        mapOf(QStringLiteral("before_sending, after_sending, before_receiving or after_receiving"),
              {{QStringLiteral("before_sending"), &packet, QStringLiteral("the packet does not leave the client")},
               {QStringLiteral("after_sending"), &packet, QStringLiteral("the other end gets the packet")},
               {QStringLiteral("before_receiving"), &packet, QStringLiteral("the client does not see the packet")},
               {QStringLiteral("after_receiving"), &packet,
                QStringLiteral("the client got it, and its answer does not leave")},
               {QStringLiteral("bytes"), &countShape(),
                QStringLiteral("of a cut: so many bytes of the packet pass, and no more")}});
    return shape;
}

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

const Shape &stepsShape()
{
    return stepShapes().steps;
}

const Shape &scenarioShape()
{
    static const Shape texts = listOf(QStringLiteral("a list of statements"), statementShape());
    static const Shape limits =
        mapOf(QStringLiteral("step, total"),
              {{QStringLiteral("step"), &durationShape(), QStringLiteral("for what a step waits for; 5s unless given")},
               {QStringLiteral("total"), &durationShape(), QStringLiteral("of real time; 10min unless given")}});
    static const Shape clock = wordsOf(QStringLiteral("a clock"), {QStringLiteral("virtual"), QStringLiteral("real")});
    static const Shape invariants = wordsOf(QStringLiteral("on or off"), {QStringLiteral("on"), QStringLiteral("off")});
    static const auto makeClients = [] {
        Shape shape{.kind = Kind::Map, .what = QStringLiteral("names of clients, each with its fields")};
        shape.patterns = {{nameExpression(), &clientShape(), QStringLiteral("a client")}};
        return shape;
    };
    static const Shape clients = makeClients();
    static const Shape variables = userPropertiesShape();
    static const Shape table = listOf(QStringLiteral("a list of rows, each { NAME: VALUE }"), variables);
    static const Shape shape = mapOf(
        QStringLiteral("a key of a scenario"),
        {{QStringLiteral("scenario"), &textShape(), QStringLiteral("its name"), Need::Required},
         {QStringLiteral("about"), &textShape(), QStringLiteral("what it shows, in a sentence or two")},
         {QStringLiteral("statements"), &texts, QStringLiteral("what it is evidence for")},
         {QStringLiteral("broker"), &brokerChoiceShape(), QStringLiteral("bundled unless given")},
         {QStringLiteral("clock"), &clock, QStringLiteral("virtual with the bundled broker, else real")},
         {QStringLiteral("limits"), &limits, QStringLiteral("how long it may take")},
         {QStringLiteral("invariants"), &invariants, QStringLiteral("what must hold in every run is checked; on")},
         {QStringLiteral("variables"), &variables, QStringLiteral("values for ${NAME} in this file")},
         {QStringLiteral("with"), &table, QStringLiteral("rows of values for ${NAME}: one run each")},
         {QStringLiteral("clients"), &clients, QStringLiteral("who takes part"), Need::Required},
         {QStringLiteral("control"), &stepsShape(),
          QStringLiteral("steps that have to pass first, alone; if not, the verdict is inconclusive")},
         {QStringLiteral("steps"), &stepsShape(), QStringLiteral("what happens, in order"), Need::Required},
         {QStringLiteral("finally"), &stepsShape(), QStringLiteral("what is checked when everything is quiet")}});
    return shape;
}

QJsonObject scenarioSchema()
{
    return jsonSchemaOf(scenarioShape(), QStringLiteral("A Sessionscope scenario"));
}

QString scenarioHelp()
{
    QString text;
    const auto section = [&text](const QString &title, const Shape &shape) {
        text += title + u'\n';
        helpOf(text, shape);
        text += u'\n';
    };
    section(QStringLiteral("A file:"), scenarioShape());
    section(QStringLiteral("A client:"), *clientShape().any.front());
    section(QStringLiteral("A step, beside CLIENT: VERB:"), stepShapes().step);
    section(QStringLiteral("Verbs of a client:"), *clientVerbsShape().any.back());
    section(QStringLiteral("Verbs of the broker:"), brokerVerbsShape());
    section(QStringLiteral("When a fault fires:"), whenShape());
    section(QStringLiteral("What can be expected:"), expectShape());
    section(QStringLiteral("Facts of packets and messages:"), connackShape());
    section(QStringLiteral("Facts of a client:"), clientStateShape());
    section(QStringLiteral("Facts of a session at the broker:"), sessionStateShape());
    section(QStringLiteral("Facts of the broker:"), brokerStateShape());
    return text;
}

} // namespace sessionscope