// The list of misbehaviours and of what catches each: a small traffic that provokes it, played first as it should be,
// when nothing may be caught, and then with the misbehaviour. One that nothing catches is a hole in core/scenario.
#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"

#include <QTest>

using namespace sessionscope;

namespace {

template<class Way> struct Case
{
    Way way;
    const char *caughtBy; ///< an invariant; of "conduct" the broken statement behind it
    const char *steps;    ///< door and backend are there, and do nothing before
    const char *clients = "";
};

using B = BrokerMisbehaviour;
using C = ClientMisbehaviour;

#define BOTH_CONNECT "  - door: connect\n  - backend: connect\n"
#define SUBSCRIBED BOTH_CONNECT "  - door: { subscribe: { filter: a, qos: 2 } }\n"
#define PUBLISHES(QOS, COUNT)                                                                                          \
    "  - backend: { publish: { topic: a, qos: " QOS ", payload: \"{n}\", count: " COUNT " } }\n"
#define CUT "  - door: { cut: reset }\n"
#define BACK "  - door: connect\n"
#define UNACKNOWLEDGED                                                                                                 \
    SUBSCRIBED "  - door: { cut: { when: { before_receiving: PUBLISH } } }\n" PUBLISHES("1", "1") BACK
#define UNANSWERED                                                                                                     \
    "  - backend: { cut: { when: { after_sending: PUBLISH } } }\n" PUBLISHES("2", "1") "  - backend: connect\n"
#define WITH_WILL(MORE) "  - backend: connect\n  - door: { connect: { will: { topic: w" MORE " } } }\n"

constexpr Case<B> ofBroker[] = {
    {B::SessionPresentFalse, "Session Present", SUBSCRIBED CUT BACK},
    {B::SessionPresentTrue, "Session Present", BACK},
    {B::IgnoresCleanStart, "Session Present", SUBSCRIBED CUT "  - door: { connect: { clean_start: true } }\n"},
    {B::LeaksOldSession, "both ends agree", SUBSCRIBED CUT "  - door: { connect: { clean_start: true } }\n"},
    {B::ForgetsSession, "life of the session", BACK CUT "  - wait: 1min\n"},
    {B::SessionExpiresEarly, "life of the session", BACK CUT "  - wait: 40min\n"},
    {B::SessionNeverExpires, "life of the session", BACK CUT "  - wait: 2h\n"},
    {B::ForgetsSubscriptions, "both ends agree", SUBSCRIBED CUT BACK},
    {B::ForgetsQueue, "at least once", SUBSCRIBED CUT PUBLISHES("1", "3") BACK},
    {B::ForgetsInflight, "at least once", UNACKNOWLEDGED},
    {B::KeepsReplacedConnection, "one connection", "  - door: connect\n  - twin: connect\n",
     "  twin: { client_id: door }\n"},
    {B::ConnackTwice, "conduct MQTT-3.2.0-2", BACK},
    {B::PacketBeforeConnack, "conduct MQTT-3.2.0-1", BACK},
    {B::ResendWithoutDup, "DUP and original identifier", UNACKNOWLEDGED},
    {B::DupOnFirstSend, "DUP and original identifier", SUBSCRIBED PUBLISHES("1", "1")},
    {B::ResendWithNewPacketId, "DUP and original identifier", UNACKNOWLEDGED},
    {B::ResendWithoutReconnect, "no resend without reconnect", SUBSCRIBED PUBLISHES("1", "1")},
    {B::PublishAgainAfterPubrec, "PUBREL, not PUBLISH", SUBSCRIBED PUBLISHES("2", "1")},
    {B::LosesMessages, "at least once", SUBSCRIBED PUBLISHES("1", "2")},
    {B::Qos2TakenAgain, "exactly once", SUBSCRIBED UNANSWERED},
    {B::Qos2RoutedTwice, "exactly once", SUBSCRIBED PUBLISHES("2", "1")},
    {B::OutOfOrder, "order", SUBSCRIBED PUBLISHES("1", "2")},
    {B::PacketIdZero, "packet identifiers", SUBSCRIBED PUBLISHES("1", "1")},
    {B::Qos3, "conduct MQTT-3.3.1-4", SUBSCRIBED PUBLISHES("0", "1")},
    {B::WildcardInTopic, "conduct MQTT-3.3.2-2", SUBSCRIBED PUBLISHES("0", "1")},
    {B::DowngradesQos, "granted QoS", SUBSCRIBED PUBLISHES("2", "1")},
    {B::UpgradesQos, "granted QoS", BOTH_CONNECT "  - door: { subscribe: a }\n" PUBLISHES("1", "1")},
    {B::WithholdsPuback, "acknowledgements", BOTH_CONNECT PUBLISHES("1", "1")},
    {B::WithholdsPubrec, "acknowledgements", BOTH_CONNECT PUBLISHES("2", "1")},
    {B::WithholdsPubrel, "acknowledgements", SUBSCRIBED PUBLISHES("2", "1")},
    {B::WithholdsPubcomp, "acknowledgements", BOTH_CONNECT PUBLISHES("2", "1")},
    {B::WithholdsSuback, "acknowledgements",
     BOTH_CONNECT "  - door: { subscribe: a }\n    expect: { door.received: none }\n"},
    {B::WithholdsUnsuback, "acknowledgements",
     SUBSCRIBED "  - door: { unsubscribe: a }\n    expect: { door.received: none }\n"},
    {B::WithholdsPingresp, "acknowledgements", BOTH_CONNECT "  - door: ping\n  - wait: 1min\n"},
    {B::WrongPacketIdInAck, "acknowledgements", BOTH_CONNECT PUBLISHES("1", "1")},
    {B::AcksTwice, "acknowledgements", BOTH_CONNECT PUBLISHES("1", "1")},
    {B::AcksOutOfOrder, "acknowledgements", BOTH_CONNECT PUBLISHES("1", "2")},
    {B::SubackTooFewCodes, "conduct MQTT-3.8.4-6", SUBSCRIBED},
    {B::IgnoresReceiveMaximum, "Receive Maximum",
     "  - door: { connect: { receive_maximum: 1 } }\n  - backend: connect\n"
     "  - door: { subscribe: { filter: a, qos: 2 } }\n" PUBLISHES("2", "3")},
    {B::IgnoresMaximumPacketSize, "conduct MQTT-3.1.2-24",
     "  - door: { connect: { maximum_packet_size: 30 } }\n  - backend: connect\n"
     "  - door: { subscribe: { filter: a, qos: 2 } }\n"
     "  - backend: { publish: { topic: a, payload: 0123456789012345678901234567890123456789 } }\n"},
    {B::IgnoresTopicAliasMaximum, "conduct MQTT-3.3.2-11", SUBSCRIBED PUBLISHES("0", "1")},
    {B::IgnoresKeepAlive, "keep alive",
     "  - patient: connect\n  - patient: { silence: { direction: sent } }\n  - wait: 1min\n",
     "  patient: { keep_alive: 10s, answer_wait: 0s }\n"},
    {B::IgnoresUnsubscribe, "right receiver", SUBSCRIBED "  - door: { unsubscribe: a }\n" PUBLISHES("1", "1")},
    {B::IgnoresNoLocal, "right receiver",
     "  - door: connect\n  - door: { subscribe: { filter: a, no_local: true } }\n"
     "  - door: { publish: { topic: a } }\n"},
    {B::ForgetsSubscriptionIdentifiers, "subscription identifiers",
     BOTH_CONNECT "  - door: { subscribe: { filter: a, identifier: 7 } }\n" PUBLISHES("0", "1")},
    {B::ClearsRetain, "right receiver",
     "  - backend: connect\n  - backend: { publish: { topic: a, retain: true, payload: x } }\n"
     "  - door: connect\n  - door: { subscribe: a }\n"},
    {B::KeepsRetain, "RETAIN", SUBSCRIBED "  - backend: { publish: { topic: a, retain: true, payload: x } }\n"},
    {B::ForgetsMessageExpiry, "message expiry",
     SUBSCRIBED "  - backend: { publish: { topic: a, message_expiry: 10s } }\n"},
    {B::MessageExpiryNotCountedDown, "message expiry",
     SUBSCRIBED CUT "  - backend: { publish: { topic: a, qos: 1, message_expiry: 10s } }\n  - wait: 5s\n" BACK},
    {B::WillAtDisconnect, "will", WITH_WILL("") "  - door: disconnect\n"},
    {B::ForgetsWill, "will", WITH_WILL("") CUT},
    {B::WillTwice, "will", WITH_WILL("") CUT},
    {B::IgnoresWillDelay, "will", WITH_WILL(", delay: 1min") CUT "  - wait: 2min\n"},
};

constexpr Case<C> ofClient[] = {
    {C::ResendWithoutDup, "DUP and original identifier", BOTH_CONNECT UNANSWERED},
    {C::DupOnFirstSend, "DUP and original identifier", BOTH_CONNECT PUBLISHES("1", "1")},
    {C::ResendWithNewPacketId, "DUP and original identifier", BOTH_CONNECT UNANSWERED},
    {C::ResendWithoutReconnect, "no resend without reconnect", BOTH_CONNECT PUBLISHES("1", "1")},
    {C::PublishAgainAfterPubrec, "PUBREL, not PUBLISH", BOTH_CONNECT PUBLISHES("2", "1")},
    {C::ForgetsInflight, "at least once", BOTH_CONNECT UNANSWERED},
    {C::PacketIdZero, "packet identifiers", BOTH_CONNECT PUBLISHES("1", "1")},
    {C::Qos3, "conduct MQTT-3.3.1-4", BOTH_CONNECT PUBLISHES("0", "1")},
    {C::WildcardInTopic, "conduct MQTT-3.3.2-2", BOTH_CONNECT PUBLISHES("0", "1")},
    {C::TopicAliasTooLarge, "conduct MQTT-3.3.2-9", BOTH_CONNECT PUBLISHES("0", "1")},
    {C::WithholdsPuback, "acknowledgements", SUBSCRIBED PUBLISHES("1", "1")},
    {C::WithholdsPubrec, "acknowledgements", SUBSCRIBED PUBLISHES("2", "1")},
    {C::WithholdsPubrel, "acknowledgements", BOTH_CONNECT PUBLISHES("2", "1")},
    {C::WithholdsPubcomp, "acknowledgements", SUBSCRIBED PUBLISHES("2", "1")},
    {C::WrongPacketIdInAck, "acknowledgements", SUBSCRIBED PUBLISHES("1", "1")},
    {C::AcksTwice, "acknowledgements", SUBSCRIBED PUBLISHES("1", "1")},
    {C::AcksOutOfOrder, "acknowledgements", SUBSCRIBED PUBLISHES("1", "2")},
    {C::AnswersQos2WithPuback, "acknowledgements", SUBSCRIBED PUBLISHES("2", "1")},
    {C::IgnoresReceiveMaximum, "Receive Maximum",
     "  - broker: { settings: { max_inflight: 1 } }\n" BOTH_CONNECT PUBLISHES("2", "3")},
    {C::IgnoresMaximumPacketSize, "conduct MQTT-3.2.2-15",
     "  - broker: { settings: { max_packet_size: 128 } }\n"
     "  - backend: { publish: { topic: a, qos: 1, payload: "
     "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
     "34567890123456789 } }\n"
     "  - backend: connect\n"
     "    expect: { backend.received: none }\n"},
    {C::SilentPastKeepAlive, "keep alive", "  - patient: connect\n  - wait: 1min\n",
     "  patient: { keep_alive: 10s }\n"},
    {C::SecondConnect, "conduct MQTT-3.1.0-2", BOTH_CONNECT},
};

/// Who misbehaves: every client does, so that the one that is meant need not be named.
QByteArray behaving(B way)
{
    return "  - broker: { behave: " + misbehaviourName(way).toLatin1() + " }\n";
}

QByteArray behaving(C way, const QByteArray &clients)
{
    QByteArray steps;
    for (const QByteArray &name : {QByteArray("door"), QByteArray("backend"), QByteArray("patient")}) {
        if (clients.contains("  " + name + ":"))
            steps += "  - " + name + ": { behave: " + misbehaviourName(way).toLatin1() + " }\n";
    }
    return steps;
}

QStringList caughtIn(const RunResult &result)
{
    QStringList caught;
    for (const Breach &breach : result.breaches) {
        QString name = QLatin1String(invariantText(breach.invariant));
        if (breach.invariant == Invariant::Conduct)
            name += u' ' + breach.what.section(u':', 0, breach.what.startsWith(u"v3:") ? 1 : 0);
        if (!caught.contains(name))
            caught << name;
    }
    return caught;
}

QString told(const RunResult &result)
{
    QStringList lines;
    for (const Failure &failure : result.failures)
        lines << placeText(failure.place) + u' ' + failure.waitedFor + QStringLiteral(" | ") + failure.closest;
    for (const Breach &breach : result.breaches)
        lines << breachText(breach);
    return (lines + result.trace).join(u'\n');
}

template<class Way, std::size_t size> void addRows(const char *role, const Case<Way> (&cases)[size])
{
    for (const auto &[way, caughtBy, steps, more] : cases) {
        const QByteArray clients = QByteArray("scenario: S\nclients:\n"
                                              "  door: { clean_start: false, session_expiry: 1h }\n"
                                              "  backend: { clean_start: false, session_expiry: 1h }\n") +
                                   more + "steps:\n";
        QByteArray misbehaving = clients;
        if constexpr (std::is_same_v<Way, B>)
            misbehaving += behaving(way);
        else
            misbehaving += behaving(way, clients);
        QTest::addRow("%s %s", role, qPrintable(misbehaviourName(way)))
            << clients + steps << misbehaving + steps << QString::fromLatin1(caughtBy) << misbehaviourName(way);
    }
}

template<class Way, std::size_t size> QStringList missingIn(const Case<Way> (&cases)[size])
{
    QStringList missing = misbehaviourNames<Way>();
    for (const auto &one : cases)
        missing.removeOne(misbehaviourName(one.way));
    return missing;
}

} // namespace

class MisbehavioursTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_misbehaviour_has_its_row()
    {
        QCOMPARE(missingIn(ofBroker), QStringList());
        QCOMPARE(missingIn(ofClient), QStringList());
    }

    void catches_each_and_nothing_without_it_data()
    {
        QTest::addColumn<QByteArray>("behaved");
        QTest::addColumn<QByteArray>("misbehaved");
        QTest::addColumn<QString>("caughtBy");
        QTest::addColumn<QString>("name");
        addRows("broker", ofBroker);
        addRows("client", ofClient);
    }
    void catches_each_and_nothing_without_it()
    {
        QFETCH(QByteArray, behaved);
        QFETCH(QByteArray, misbehaved);
        QFETCH(QString, caughtBy);
        QFETCH(QString, name);
        const auto control = readScenarios(behaved, QStringLiteral("f.yaml"));
        QVERIFY2(control, control ? "" : qPrintable(problemText(control.error().front())));
        const RunResult nothing = runVirtually(control->front(), {});
        QVERIFY2(nothing.verdict == Verdict::Passed, qPrintable(told(nothing)));

        const auto scenario = readScenarios(misbehaved, QStringLiteral("f.yaml"));
        QVERIFY2(scenario, scenario ? "" : qPrintable(problemText(scenario.error().front())));
        const RunResult result = runVirtually(scenario->front(), {});
        QVERIFY(result.invariantsChecked);
        const QStringList caught = caughtIn(result);
        QVERIFY2(caught.contains(caughtBy), qPrintable(caught.join(QStringLiteral(", ")) + u'\n' + told(result)));
        const QString act = QStringLiteral("misbehaves: ") + name + u':';
        QVERIFY2(result.trace.join(u'\n').contains(act), qPrintable(told(result)));
    }
};

QTEST_APPLESS_MAIN(MisbehavioursTest)
#include "tst_misbehaviours.moc"
