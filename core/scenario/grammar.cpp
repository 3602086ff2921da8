#include "core/scenario/grammar_parts.h"

#include "core/notation/broker_settings.h"
#include "core/scenario/payloads.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"

#include <limits>

namespace sessionscope {

namespace {

using Kind = Shape::Kind;

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

/// Refers to itself by way of repeat and parallel.
struct StepShapes
{
    Shape step;
    Shape steps;
    Shape repeat;
    Shape namedBranch;
    Shape branch;
    Shape parallel;

    StepShapes()
    {
        step.kind = Kind::Map;
        step.what = QStringLiteral("a client with its verb, broker, wait, until, expect, never, repeat, parallel or "
                                   "include");
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
            {QStringLiteral("parallel"), &parallel,
             QStringLiteral("branches of steps that go on side by side, until all are over")},
            {QStringLiteral("include"), &textShape(),
             QStringLiteral("the steps of another file, by its name from here")},
            {QStringLiteral("note"), &textShape(), QStringLiteral("words for the report")}};
        step.patterns = {{nameExpression(), &clientVerbsShape(), QStringLiteral("something that this client does")}};
        steps = listOf(QStringLiteral("a list of steps"), step);
        repeat = mapOf(QStringLiteral("times, steps"),
                       {{QStringLiteral("times"), &countShape(), QStringLiteral("how often"), Need::Required},
                        {QStringLiteral("steps"), &steps, QStringLiteral("what"), Need::Required}});
        namedBranch = mapOf(QStringLiteral("branch, steps"),
                            {{QStringLiteral("branch"), &textShape(), QStringLiteral("its name, for reports")},
                             {QStringLiteral("steps"), &steps, QStringLiteral("what happens in it"), Need::Required}});
        branch = anyOf(QStringLiteral("a list of steps, or { branch: NAME, steps: […] }"), {&steps, &namedBranch});
        parallel = listOf(QStringLiteral("a list of branches"), branch);
    }
    Q_DISABLE_COPY_MOVE(StepShapes)
};

const StepShapes &stepShapes()
{
    static const StepShapes shapes;
    return shapes;
}

const Shape &brokerMethodsShape()
{
    static const Shape exchange =
        mapOf(QStringLiteral("challenge, response"),
              {{QStringLiteral("challenge"), &payloadShape(), QStringLiteral("what the broker sends"), Need::Required},
               {QStringLiteral("response"), &payloadShape(), QStringLiteral("what it wants to hear"), Need::Required}});
    static const Shape exchanges = listOf(QStringLiteral("a list of { challenge: …, response: … }"), exchange);
    static const auto makeUsers = [] {
        Shape users = mapOf(QStringLiteral("users with the way to their passwords"), {});
        users.patterns = {
            {QStringLiteral(".+"), &passwordShape(), QStringLiteral("this user's password, by reference")}};
        return users;
    };
    static const Shape users = makeUsers();
    static const Shape method =
        mapOf(QStringLiteral("method, exchanges or users"),
              {{QStringLiteral("method"), &textShape(), QStringLiteral("the Authentication Method"), Need::Required},
               {QStringLiteral("exchanges"), &exchanges, QStringLiteral("what is said, one after the other")},
               {QStringLiteral("users"), &users,
                QStringLiteral("of SCRAM-SHA-256 or SCRAM-SHA-1: who may prove a password")}});
    static const Shape shape =
        listOf(QStringLiteral("a list of { method: …, exchanges: […] } or { method: …, users: { … } }"), method);
    return shape;
}

const Shape &brokerChoiceShape()
{
    static const Shape bundled = wordsOf(QStringLiteral("bundled"), {QStringLiteral("bundled")});
    static const auto makeBundled = [] {
        std::vector<Field> fields{
            {QStringLiteral("url"), &textShape(), QStringLiteral("of a broker, such as mqtt://host:1883")},
            {QStringLiteral("profile"), &textShape(), QStringLiteral("a profile that has the URL")},
            {QStringLiteral("username"), &textShape(), QStringLiteral("for clients that have none of their own")},
            {QStringLiteral("password"), &passwordShape(), QStringLiteral("for these clients too, by reference")},
            {QStringLiteral("tls"), &tlsShape(), QStringLiteral("certificates, for mqtts:// and wss://")},
            {QStringLiteral("settings"), &brokerSettingsShape(), QStringLiteral("of the bundled broker")},
            {QStringLiteral("limits"), &brokerSettingsShape(), QStringLiteral("another word for settings")},
            {QStringLiteral("authentication"), &brokerMethodsShape(),
             QStringLiteral("methods of enhanced authentication that the bundled broker knows (5.0)")}};
        return fields;
    };
    static const Shape map =
        mapOf(QStringLiteral("url, profile, username, password, tls, settings or authentication"), makeBundled());
    static const Shape shape =
        anyOf(QStringLiteral("bundled, { url: … }, { profile: … } or { settings: … }"), {&bundled, &map});
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
    static const Shape map =
        mapOf(QStringLiteral("hex, base64, file or json"),
              {{QStringLiteral("hex"), &hexShape(), QStringLiteral("bytes in hex")},
               {QStringLiteral("base64"), &base64Shape(), QStringLiteral("bytes in base64")},
               {QStringLiteral("file"), &textShape(), QStringLiteral("the content of a file, by its name from here")},
               {QStringLiteral("json"), &jsonShape(), QStringLiteral("what stands here, as compact JSON")}});
    static const Shape shape =
        anyOf(QStringLiteral("text, { hex: … }, { base64: … }, { file: … } or { json: … }"), {&textShape(), &map});
    return shape;
}

const Shape &pairsShape()
{
    static const auto make = [] {
        Shape shape{.kind = Kind::Map, .what = QStringLiteral("names and values")};
        shape.patterns = {{QStringLiteral(".*"), &textShape(), QStringLiteral("its value")}};
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

const Shape &userPropertiesShape()
{
    static const Shape list = listOf(QStringLiteral("a list of { NAME: VALUE }"), pairsShape());
    static const Shape shape =
        anyOf(QStringLiteral("{ NAME: VALUE }, or a list of such where a name comes again"), {&pairsShape(), &list});
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
    static const Shape seed =
        numberShape(0, std::numeric_limits<qint64>::max(), QStringLiteral("a number of at least 0"));
    static const Shape clock = wordsOf(QStringLiteral("a clock"), {QStringLiteral("virtual"), QStringLiteral("real")});
    static const auto makeInvariants = [] {
        QStringList names;
        for (std::size_t i = 0; i < invariantCount; ++i)
            names << invariantName(Invariant(i));
        return names;
    };
    static const Shape invariant = wordsOf(QStringLiteral("an invariant"), makeInvariants());
    static const Shape breaks = listOf(QStringLiteral("a list of invariants"), invariant);
    static const Shape invariants = wordsOf(QStringLiteral("on or off"), {QStringLiteral("on"), QStringLiteral("off")});
    static const auto makeClients = [] {
        Shape shape{.kind = Kind::Map, .what = QStringLiteral("names of clients, each with its fields")};
        shape.patterns = {{nameExpression(), &clientShape(), QStringLiteral("a client")}};
        return shape;
    };
    static const Shape clients = makeClients();
    static const Shape &variables = pairsShape();
    static const Shape table = listOf(QStringLiteral("a list of rows, each { NAME: VALUE }"), variables);
    static const Shape shape = mapOf(
        QStringLiteral("a key of a scenario"),
        {{QStringLiteral("scenario"), &textShape(), QStringLiteral("its name"), Need::Required},
         {QStringLiteral("about"), &textShape(), QStringLiteral("what it shows, in a sentence or two")},
         {QStringLiteral("statements"), &texts, QStringLiteral("what it is evidence for")},
         {QStringLiteral("broker"), &brokerChoiceShape(), QStringLiteral("bundled unless given")},
         {QStringLiteral("clock"), &clock, QStringLiteral("virtual with the bundled broker, else real")},
         {QStringLiteral("seed"), &seed,
          QStringLiteral("for all that is left to chance, unless --seed says otherwise; 1 unless given")},
         {QStringLiteral("limits"), &limits, QStringLiteral("how long it may take")},
         {QStringLiteral("invariants"), &invariants, QStringLiteral("what must hold in every run is checked; on")},
         {QStringLiteral("breaks"), &breaks,
          QStringLiteral(
              "invariants that the run has to break, all of these and no other, because somebody misbehaves")},
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
    section(QStringLiteral("Its broker:"), *brokerChoiceShape().any.back());
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