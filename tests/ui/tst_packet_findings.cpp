// What the packet list says of broken statements and reached limits.
#include "tests/ui/packet_samples.h"
#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/packets/event_words.h"
#include "ui/packets/finding_label.h"
#include "ui/packets/packet_detail.h"
#include "ui/packets/packet_model.h"
#include "ui/packets/packets_panel.h"
#include "ui/statements/statements.h"

#include <QSignalSpy>
#include <QTest>

using namespace sessionscope;

class TestPacketFindings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initResources(); }
    void tells_who_broke_what_and_what_had_to_follow();
    void shows_the_findings_of_a_packet();
    void tells_a_limit_without_a_statement();
    void opens_the_statement_of_a_finding();
};

void TestPacketFindings::tells_who_broke_what_and_what_had_to_follow()
{
    const auto records = brokenSample();
    const TraceLog log;
    PacketDetail detail(log);
    detail.setRecord(&records[1], {*findingIn(records[1])});
    const QString told = detail.findings()->accessibleName();
    for (const char *part : {"topic alias of 0 [MQTT-3.3.2-8]", "Broken by: broker", "Severity: fatal",
                             "The client has to: send DISCONNECT 0x94 Topic Alias invalid and close the connection"})
        QVERIFY2(told.contains(QLatin1StringView(part)), qPrintable(told));
    const QString demand = statementTable().find(QStringLiteral("MQTT-3.3.2-8"))->text;
    QVERIFY2(told.contains(demand), qPrintable(told));
    detail.setRecord(&records[2], {*findingIn(records[2])});
    QVERIFY(detail.findings()->accessibleName().contains(QStringLiteral("The client has to: close the connection")));
}

void TestPacketFindings::shows_the_findings_of_a_packet()
{
    TraceLog log;
    PacketModel model(log, nullptr);
    model.setSource({ours, {}});
    auto records = brokenSample();
    log.append(records);
    const auto found = model.findings(0);
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0].statementId(), QStringLiteral("MQTT-3.3.2-8"));
    QCOMPARE(model.findings(1).size(), 1);
    QCOMPARE(model.findings(2)[0].statementId(), QStringLiteral("v3:MQTT-3.3.1-4"));
}

void TestPacketFindings::tells_a_limit_without_a_statement()
{
    const rules::Finding limit{"", ReasonCode::QuotaExceeded, Sender::Client, "too many subscriptions"};
    auto record = recordOf(BrokerNote{BrokerRefused{{}, limit, Handling::Noted}});
    TraceLog log;
    PacketsPanel panel(log);
    panel.setSource({ours, {}});
    std::vector<TraceRecord> records{record};
    log.append(records);
    QCOMPARE(column(*panel.model(), PacketModel::Summary), QStringList(QStringLiteral("too many subscriptions")));
    panel.table()->selectRow(0);
    QVERIFY(panel.statementId().isEmpty());
    const QString told = panel.detail()->findings()->accessibleName();
    QVERIFY2(told.contains(QStringLiteral("Reached by: client. Severity: limit")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("It was: noted only")), qPrintable(told));
}

void TestPacketFindings::opens_the_statement_of_a_finding()
{
    TraceLog log;
    PacketsPanel panel(log);
    panel.setSource({ours, {}});
    auto records = sample();
    auto broken = brokenSample();
    log.append(records);
    log.append(broken);
    QSignalSpy asked(&panel, &PacketsPanel::statementRequested);
    panel.show();
    QVERIFY(QTest::qWaitForWindowActive(&panel));
    panel.table()->setFocus();
    panel.table()->selectRow(0);
    QTest::keyClick(panel.table(), Qt::Key_Return); // nothing is wrong with it
    QCOMPARE(asked.size(), 0);
    panel.table()->selectRow(4);
    QTest::keyClick(panel.table(), Qt::Key_Return);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].toString(), QStringLiteral("MQTT-3.3.2-8"));
    // The link in the detail is reached by Tab, and opened by Return.
    QCOMPARE(panel.detail()->findings()->focusPolicy(), Qt::StrongFocus);
    panel.detail()->findings()->setFocus();
    QTest::keyClick(panel.detail()->findings(), Qt::Key_Tab);
    QTest::keyClick(panel.detail()->findings(), Qt::Key_Return);
    QCOMPARE(asked.size(), 2);
}

QTEST_MAIN(TestPacketFindings)
#include "tst_packet_findings.moc"
