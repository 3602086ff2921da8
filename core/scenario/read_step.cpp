#include "core/scenario/read_step.h"

#include "core/notation/values.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verbs.h"

namespace sessionscope {

namespace {

class StepReader
{
public:
    StepReader(const Scenario &scenario, Problems &problems) : m_scenario(scenario), m_problems(problems) {}

    Step read(const Node &node)
    {
        Step step;
        step.place = node.place;
        ClientKey client;
        for (const Node::Entry &entry : node.entries) {
            if (isClientKey(entry.key)) {
                client = clientOf(entry.key, entry.place, ownKeys());
                act(step, entry);
                readClientVerb(step, entry, client);
            } else if (entry.key == u"broker") {
                act(step, entry);
                readBrokerVerb(step, entry);
            } else if (entry.key == u"wait") {
                act(step, entry);
                step.action = WaitAction{readDuration(entry.value)};
                step.text += QStringLiteral(": ") + entry.value.text;
            } else if (entry.key == u"repeat") {
                act(step, entry);
                step.action = readRepeat(entry.value);
            } else if (entry.key == u"parallel") {
                act(step, entry);
                step.action = readParallel(entry.value);
            } else if (entry.key == u"note") {
                step.text = entry.value.text;
            }
        }
        // They may speak of the client whose verb stands beside them.
        for (const Node::Entry &entry : node.entries) {
            if (entry.key == u"until") {
                act(step, entry);
                step.action = readUntil(entry.value, client);
            } else if (entry.key == u"expect") {
                step.expect = readExpectations(entry.value, client);
                if (step.text.isEmpty())
                    step.text = QStringLiteral("expect");
            } else if (entry.key == u"never") {
                step.never = readNever(entry.value, client);
                if (step.text.isEmpty())
                    step.text = QStringLiteral("never");
            } else if (entry.key == u"limit") {
                step.limit = readDuration(entry.value);
            } else if (entry.key == u"for") {
                step.neverFor = readDuration(entry.value);
            }
        }
        if (node.find(u"for") && !node.find(u"never"))
            report(node.place, QStringLiteral("\"for\" says how long never is watched: expected never beside it"));
        if (std::holds_alternative<RepeatAction>(step.action) && step.limit)
            report(node.place, QStringLiteral("repeat does not wait: expected limit in the steps that it repeats"));
        if (std::holds_alternative<RepeatAction>(step.action) && (!step.expect.empty() || !step.never.empty()))
            report(node.place, QStringLiteral("repeat does not wait: expected expect and never in the steps that it "
                                              "repeats, or in a step of their own"));
        if (step.text.isEmpty())
            report(node.place,
                   QStringLiteral("a step that does nothing: expected a client with its verb, wait, expect …"));
        return step;
    }

private:
    void report(const Place &place, const QString &what) { m_problems.push_back({place, what}); }

    /// Keys of a step that are no names of clients.
    static const QStringList &ownKeys()
    {
        static const QStringList own{QStringLiteral("broker"),  QStringLiteral("wait"),    QStringLiteral("until"),
                                     QStringLiteral("expect"),  QStringLiteral("never"),   QStringLiteral("for"),
                                     QStringLiteral("limit"),   QStringLiteral("repeat"),  QStringLiteral("note"),
                                     QStringLiteral("include"), QStringLiteral("parallel")};
        return own;
    }

    static bool isClientKey(const QString &key) { return !ownKeys().contains(key); }

    /// A step does one thing.
    void act(Step &step, const Node::Entry &entry)
    {
        if (!step.text.isEmpty() && !std::holds_alternative<NoAction>(step.action))
            report(entry.place,
                   QStringLiteral("\"%1\" is a second thing to do: expected it in a step of its own").arg(entry.key));
        step.text = entry.key;
    }

    /// others: what may have been meant besides a client.
    ClientKey clientOf(const QString &name, const Place &place, const QStringList &others = {})
    {
        const ClientKey key = m_scenario.keyOf(name.toUtf8());
        if (key.value)
            return key;
        QStringList known;
        for (const ScenarioClient &client : m_scenario.clients)
            known << QString::fromUtf8(client.name);
        report(place, QStringLiteral("\"%1\" is no client of this scenario: expected %2.%3")
                          .arg(name, known.join(QStringLiteral(", ")), didYouMean(name, known + others)));
        return key;
    }

    void readClientVerb(Step &step, const Node::Entry &entry, ClientKey client)
    {
        static const Node nothing;
        if (entry.value.isScalar())
            return readVerb(step, clientVerbs(), entry.value.text, nothing, client);
        if (entry.value.entries.size() > 1)
            report(entry.value.entries[1].place, QStringLiteral("a second verb: expected it in a step of its own"));
        for (const Node::Entry &verb : entry.value.entries)
            readVerb(step, clientVerbs(), verb.key, verb.value, client);
    }

    void readBrokerVerb(Step &step, const Node::Entry &entry)
    {
        if (m_scenario.broker)
            report(entry.place, QStringLiteral("only the bundled broker can be told what to do"));
        if (entry.value.entries.size() != 1)
            report(entry.place, QStringLiteral("expected one verb of the broker"));
        for (const Node::Entry &verb : entry.value.entries)
            readVerb(step, brokerVerbs(), verb.key, verb.value, {});
    }

    void readVerb(Step &step, const std::vector<Verb> &verbs, const QString &name, const Node &node, ClientKey client)
    {
        step.text += QStringLiteral(": ") + name;
        const Verb *verb = verbOf(verbs, name);
        const bool needsClient = &verbs == &clientVerbs();
        if (!verb || (needsClient && !client.value))
            return;
        const ScenarioClient *who = client.value ? &m_scenario.clients[client.value - 1] : nullptr;
        step.action = verb->read(node, {m_scenario, who, client, m_problems});
    }

    Action readRepeat(const Node &node)
    {
        RepeatAction action;
        if (const Node *times = node.find(u"times"))
            action.times = quint32(readCount(*times));
        if (const Node *steps = node.find(u"steps"))
            action.steps = std::make_shared<const Steps>(readSteps(*steps, m_scenario, m_problems));
        return action;
    }

    Action readParallel(const Node &node)
    {
        std::vector<Branch> branches;
        QStringList names;
        for (const Node &item : node.items) {
            const Node *name = item.find(u"branch");
            const Node *steps = item.isList() ? &item : item.find(u"steps");
            Branch branch{name ? name->text : QStringLiteral("branch %1").arg(branches.size() + 1), {}};
            if (names.contains(branch.name))
                report(name ? name->place : item.place,
                       QStringLiteral("a second branch \"%1\": expected a name of its own").arg(branch.name));
            names << branch.name;
            if (steps)
                branch.steps = readSteps(*steps, m_scenario, m_problems);
            branches.push_back(std::move(branch));
        }
        if (node.isList() && branches.size() < 2)
            report(node.place, QStringLiteral("nothing goes on beside it: expected two branches or more"));
        return ParallelAction{std::make_shared<const std::vector<Branch>>(std::move(branches))};
    }

    Action readUntil(const Node &node, ClientKey client)
    {
        const Node *expiry = node.find(u"expiry");
        if (!expiry) {
            for (const QStringView key : {u"minus", u"plus"}) {
                if (const Node *offset = node.find(key))
                    report(offset->place, QStringLiteral("\"%1\" of what? Expected expiry beside it").arg(key));
            }
            UntilAction action;
            action.expectations = readExpectations(node, client);
            return action;
        }
        for (const Node::Entry &entry : node.entries) {
            if (!isOfExpiry(entry.key))
                report(entry.place, QStringLiteral("\"%1\" is not waited for beside expiry: expected it in a step of "
                                                   "its own")
                                        .arg(entry.key));
        }
        const ClientKey key = clientOf(expiry->text, expiry->place);
        UntilExpiryAction action;
        if (key.value)
            action.clientId = clientIdOf(m_scenario.clients[key.value - 1]);
        if (const Node *minus = node.find(u"minus"))
            action.offset = -readDuration(*minus);
        if (const Node *plus = node.find(u"plus"))
            action.offset = readDuration(*plus);
        return action;
    }

    static QByteArray clientIdOf(const ScenarioClient &client)
    {
        return client.connect.clientId.isEmpty() ? client.name : client.connect.clientId;
    }

    // ---- expectations ----

    std::vector<Expectation> readExpectations(const Node &node, ClientKey client)
    {
        std::vector<Expectation> expectations;
        for (const Node::Entry &entry : node.entries) {
            if (!isOfExpiry(entry.key))
                readExpectation(expectations, entry, client);
        }
        if (node.entries.empty())
            report(node.place, QStringLiteral("nothing is expected"));
        return expectations;
    }

    static bool isOfExpiry(const QString &key) { return key == u"expiry" || key == u"minus" || key == u"plus"; }

    /// Each of several patterns is one that must not come, unless they are about an order.
    std::vector<Expectation> readNever(const Node &node, ClientKey client)
    {
        std::vector<Expectation> each;
        for (const Expectation &expectation : readExpectations(node, client)) {
            if (expectation.ordering == Ordering::AsListed || expectation.patterns.empty()) {
                each.push_back(expectation);
                continue;
            }
            for (const Pattern &pattern : expectation.patterns)
                each.emplace_back(expectation).patterns = {pattern};
        }
        return each;
    }

    void readExpectation(std::vector<Expectation> &expectations, const Node::Entry &entry, ClientKey client)
    {
        Expectation expectation;
        expectation.place = entry.place;
        QString subject = entry.key;
        const QString sessions = QStringLiteral("broker.sessions.");
        if (subject.startsWith(sessions)) {
            client = clientOf(subject.mid(sessions.size()), entry.place);
            subject = QStringLiteral("session");
        } else if (subject.contains(u'.') && !subject.startsWith(u"broker.")) {
            client = clientOf(subject.section(u'.', 0, 0), entry.place);
            subject = subject.section(u'.', 1);
        }
        const bool isOfClient = subject != u"findings" && !subject.startsWith(u"broker");
        if (isOfClient && !client.value)
            report(entry.place,
                   QStringLiteral("whose %1? Expected CLIENT.%1, or a client's verb in the same step").arg(subject));
        if (isOfClient && client.value) {
            const ScenarioClient &who = m_scenario.clients[client.value - 1];
            expectation.client = client;
            expectation.name = who.name;
            expectation.clientId = clientIdOf(who);
        }
        if (subject == u"at_cut")
            return readAtCut(expectations, expectation, entry.value);
        readSubject(expectation, subject, entry.value);
        expectations.push_back(std::move(expectation));
    }

    /// One for each end.
    void readAtCut(std::vector<Expectation> &expectations, const Expectation &common, const Node &node)
    {
        if (node.entries.empty())
            report(node.place, QStringLiteral("nothing is expected: expected client or session"));
        for (const Node::Entry &end : node.entries) {
            Expectation &one = expectations.emplace_back(common);
            one.place = end.place;
            if (end.key == u"client")
                readPatterns(one, Subject::ClientAtCut, clientFacts(), end.value);
            else
                readPatterns(one, Subject::SessionAtCut, serverFacts(), end.value);
        }
    }

    void readSubject(Expectation &expectation, const QString &subject, const Node &node)
    {
        if (subject == u"connack")
            return readPatterns(expectation, Subject::Connack, packetFacts(), node);
        if (subject == u"received")
            return readPatterns(expectation, Subject::Received, packetFacts(), node);
        if (subject == u"packets")
            return readPatterns(expectation, Subject::Packets, packetFacts(), node);
        if (subject == u"closed")
            return readPatterns(expectation, Subject::Closed, closeFacts(), node);
        if (subject == u"client")
            return readPatterns(expectation, Subject::Client, clientFacts(), node);
        if (subject == u"session")
            return readPatterns(expectation, Subject::Session, serverFacts(), node);
        if (subject == u"broker")
            return readPatterns(expectation, Subject::Broker, brokerFacts(), node);
        if (subject == u"broker.wills")
            return readPatterns(expectation, Subject::Wills, willFacts(), node);
        expectation.subject = Subject::Findings;
        for (const Node &item : node.items)
            expectation.findings << item.text;
    }

    template<class Source>
    void readPatterns(Expectation &expectation, Subject subject, const FactRows<Source> &rows, const Node &node)
    {
        expectation.subject = subject;
        if (node.isScalar()) { // none
            Pattern none{.text = QStringLiteral("none")};
            none.times.equals = FactValue(qint64(0));
            return expectation.patterns.push_back(std::move(none));
        }
        if (const Node *series = node.find(u"series"))
            return readSeries(expectation, rows, *series);
        const Node *list = &node;
        if (const Node *inOrder = node.find(u"in_order")) {
            expectation.ordering = Ordering::AsListed;
            list = inOrder;
        }
        if (list->isMap())
            return expectation.patterns.push_back(readPattern(rows, *list));
        if (list->items.empty())
            report(list->place, QStringLiteral("no pattern holds of everything: expected at least one, or none"));
        for (const Node &item : list->items)
            expectation.patterns.push_back(readPattern(rows, item));
    }

    /// A pattern for each number.
    template<class Source> void readSeries(Expectation &expectation, const FactRows<Source> &rows, const Node &node)
    {
        const Node *first = node.find(u"from");
        const Node *last = node.find(u"to");
        const qint64 from = first ? readCount(*first) : 1;
        const qint64 to = last ? readCount(*last) : 0;
        if (last && (to < from || to - from >= seriesLimit))
            return report(node.place, QStringLiteral("a series from %1 to %2: expected one of 1 to %3 numbers")
                                          .arg(from)
                                          .arg(to)
                                          .arg(seriesLimit));
        expectation.ordering = Ordering::AsListed;
        for (qint64 number = from; number <= to; ++number) {
            Node numbered = node;
            for (Node::Entry &entry : numbered.entries)
                entry.value.text.replace(QStringLiteral("{n}"), QString::number(number));
            expectation.patterns.push_back(readPattern(rows, numbered));
        }
    }

    template<class Source> Pattern readPattern(const FactRows<Source> &rows, const Node &node)
    {
        Pattern pattern;
        QStringList text;
        for (const Node::Entry &entry : node.entries) {
            if (constexpr bool isPacket = std::is_same_v<Source, SeenPacket>;
                isPacket && (entry.key == u"sent" || entry.key == u"received")) {
                pattern.direction = entry.key == u"sent" ? Direction::Sent : Direction::Received;
                pattern.type = packetTypeOf(entry.value.text);
                text << entry.key + u' ' + entry.value.text;
                continue;
            }
            if (entry.key == u"times") {
                pattern.times = readCondition(entry.key, 0, FactType::Number, entry.value);
                text << conditionText(pattern.times);
                continue;
            }
            const auto row = std::ranges::find(rows, entry.key, &FactRow<Source>::name);
            if (row == rows.end())
                continue;
            pattern.conditions.push_back(
                readCondition(entry.key, std::size_t(row - rows.begin()), row->type, entry.value));
            text << conditionText(pattern.conditions.back());
        }
        pattern.text = text.join(QStringLiteral(", "));
        return pattern;
    }

    const Scenario &m_scenario;
    Problems &m_problems;
};

} // namespace

Steps readSteps(const Node &list, const Scenario &scenario, Problems &problems)
{
    Steps steps;
    StepReader reader(scenario, problems);
    for (const Node &item : list.items) {
        if (item.isMap())
            steps.push_back(reader.read(item));
    }
    return steps;
}

} // namespace sessionscope
