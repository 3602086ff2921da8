// What a finding asks of its receiver, for every way that a version has of saying no.
#include "core/rules/duty.h"

#include <QTest>

using namespace sessionscope;
using namespace sessionscope::rules;

class DutyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tells_what_the_receiver_has_to_do_data()
    {
        QTest::addColumn<Finding>("finding");
        QTest::addColumn<PacketType>("in");
        QTest::addColumn<Version>("version");
        QTest::addColumn<Duty>("duty");
        using enum PacketType;
        const Finding byClient{"s", ReasonCode::TopicNameInvalid, Sender::Client, "w"};
        const Finding refusable{"s", ReasonCode::PayloadFormatInvalid, Sender::Client, "w", Answer::Refuse};
        const Finding byServer{"s", ReasonCode::ProtocolError, Sender::Server, "w"};
        const Finding unlisted{"s", ReasonCode::SubscriptionIdentifiersNotSupported, Sender::Server, "w"};
        const Finding badId{"s", ReasonCode::ClientIdentifierNotValid, Sender::Client, "w"};
        const auto row = [](const char *name, const Finding &finding, PacketType in, Version version,
                            const Duty &duty) { QTest::newRow(name) << finding << in << version << duty; };
        row("a bad PUBLISH", byClient, Publish, Version::V5, {Disconnect, 0x90, true});
        row("before 5", byClient, Publish, Version::V311, {{}, 0, true});
        row("a refusable PUBLISH", refusable, Publish, Version::V5, {Puback, 0x99, false});
        row("a refusable SUBSCRIBE", refusable, Subscribe, Version::V5, {Suback, 0x99, false});
        row("nothing to refuse it in", refusable, Pingreq, Version::V5, {Disconnect, 0x99, true});
        row("a refusable one before 5", refusable, Publish, Version::V311, {{}, 0, true});
        row("a bad CONNECT", badId, Connect, Version::V5, {Connack, 0x85, true});
        row("a bad CONNECT of 3.1.1", badId, Connect, Version::V311, {Connack, 2, true});
        row("one that no return code tells", byClient, Connect, Version::V311, {{}, 0, true});
        row("the server's", byServer, Publish, Version::V5, {Disconnect, 0x82, true});
        row("the server's goodbye", byServer, Disconnect, Version::V5, {{}, 0, true});
        row("a code that the receiver may not send", unlisted, Publish, Version::V5, {Disconnect, 0x82, true});
    }
    void tells_what_the_receiver_has_to_do()
    {
        QFETCH(Finding, finding);
        QFETCH(PacketType, in);
        QFETCH(Version, version);
        QFETCH(Duty, duty);
        QVERIFY(dutyOf(finding, in, version) == duty);
    }

    void weighs_a_finding()
    {
        Finding finding{"MQTT-3.3.2-2", ReasonCode::TopicNameInvalid, Sender::Client, "w"};
        QCOMPARE(severityOf(finding), Severity::Fatal);
        finding.answer = Answer::Refuse;
        QCOMPARE(severityOf(finding), Severity::Refusable);
        for (const char *right : {"", "v5 §4.13.2", "v5 §5.4.2", "MQTT-3.1.4-2", "MQTT-3.1.2-22", "v3:MQTT-3.3.5-2"}) {
            finding.statement = right;
            QCOMPARE(severityOf(finding), Severity::Limit);
        }
    }
};

QTEST_APPLESS_MAIN(DutyTest)
#include "tst_duty.moc"
