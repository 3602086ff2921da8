// What is copied from the window: whole values, however little of them is shown, and no secrets.
#include "tests/ui/packet_samples.h"

#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/messages/messages_panel.h"
#include "ui/packets/packet_detail.h"
#include "ui/packets/packets_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QPlainTextEdit>
#include <QTest>

using namespace sessionscope;

namespace {

/// What Copy Value of this cell puts on the clipboard.
QString copied(TableView &table, int row, int column)
{
    table.setCurrentIndex(table.model()->index(row, column));
    table.copyCell();
    return QApplication::clipboard()->text();
}

/// The same for every value of the fields that are shown.
QStringList copiedFields(PacketsPanel &panel, int row)
{
    panel.table()->selectRow(row);
    auto &fields = *panel.detail()->findChild<TableView *>();
    QStringList values;
    for (int field = 0; field < fields.model()->rowCount(); ++field)
        values << copied(fields, field, 1);
    return values;
}

} // namespace

class TestCopying : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initResources(); }
    void copies_rows_as_tab_separated_text();
    void copies_values_in_full();
    void copies_no_more_text_than_the_limit();
    void copies_no_secret();
};

void TestCopying::copies_rows_as_tab_separated_text()
{
    TraceLog log;
    PacketsPanel panel(log);
    panel.setSource({ours, {}});
    auto records = sample();
    log.append(records);
    panel.show();
    QVERIFY(QTest::qWaitForWindowActive(&panel));
    panel.table()->selectRow(1);
    panel.table()->setFocus();
    QTest::keySequence(panel.table(), QKeySequence::Copy);
    const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QCOMPARE(lines[0].split(QLatin1Char('\t')).size(), int(PacketModel::Columns));
    QVERIFY(lines[1].contains(QStringLiteral("\tPUBREC\t12\t0x00 Success\t")));
}

void TestCopying::copies_values_in_full()
{
    // Longer than any preview, and with a line and a tab that a row of a copied table must not have.
    const QByteArray payload = QByteArray(2000, 'x') + "\n\tend";
    const QString whole = QString::fromLatin1(payload);
    PublishPacket message = publish(Qos::AtLeastOnce, 4, "t", payload);
    message.properties.add(PropertyId::CorrelationData, QByteArray(300, '\xff'));
    const QString correlation = QString::fromLatin1(QByteArray(300, '\xff').toHex(' '));
    std::vector<TraceRecord> records{recordOf(traceOf(message, Direction::Received)),
                                     recordOf(ClientNote{MessageDelivered{message}})};
    TraceLog log;
    PacketsPanel packets(log);
    MessagesPanel messages(log);
    packets.setSource({ours, {}});
    messages.setSource({ours, {}});
    log.append(records);

    QVERIFY(copied(*packets.table(), 0, PacketModel::Summary).endsWith(whole));
    QCOMPARE(copied(*messages.table(), 0, MessageModel::Payload), whole);
    QCOMPARE(copied(*messages.table(), 0, MessageModel::Topic), QStringLiteral("t"));
    messages.table()->selectRow(0);
    const QStringList lines = messages.table()->selectedText().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QCOMPARE(lines[1].split(QLatin1Char('\t')).value(MessageModel::Payload),
             QString(QString(2000, QLatin1Char('x')) + QStringLiteral("\u240a end")));
    QVERIFY(messages.findChild<QPlainTextEdit *>()->toPlainText().contains(QStringLiteral("Correlation Data: ") +
                                                                           correlation + QLatin1Char('\n')));

    const QStringList values = copiedFields(packets, 0);
    QVERIFY(values.contains(QStringLiteral("300 bytes: ") + correlation));
    QVERIFY(values.contains(QStringLiteral("2005 bytes: ") + QString::fromLatin1(payload.toHex(' '))));
}

void TestCopying::copies_no_more_text_than_the_limit()
{
    const QByteArray payload(TableView::copyTextLimit / 2 + 1, 'x');
    std::vector<TraceRecord> records;
    for (int i = 0; i < 5; ++i)
        records.push_back(recordOf(ClientNote{MessageDelivered{publish(Qos::AtMostOnce, 0, "t", payload)}}));
    TraceLog log;
    MessagesPanel messages(log);
    messages.setSource({ours, {}});
    log.append(records);
    messages.table()->selectAll();
    const QString text = messages.table()->selectedText();
    QCOMPARE(text.count(QLatin1Char('\n')), 4); // titles, two rows, and what is missing
    QVERIFY(text.endsWith(QStringLiteral("(3 more row(s) not copied)\n")));
}

void TestCopying::copies_no_secret()
{
    ConnectPacket connect;
    connect.clientId = "door";
    connect.password = "battery staple";
    const PacketTrace plain = traceOf(connect);
    FaultTrace fault{.act = FaultAct::Corrupted, .bytes = plain.head};
    fault.bytes[0] = char(fault.bytes[0] ^ 0x20); // to the other end it is a PUBLISH
    PacketTrace arrived = plain;
    arrived.direction = Direction::Received;
    arrived.head = fault.bytes;
    const PublishPacket told = publish(Qos::AtMostOnce, 0, "t", QByteArray(500, 'x') + " battery staple");
    std::vector<TraceRecord> records{recordOf(plain), recordOf(fault), recordOf(arrived),
                                     recordOf(ClientNote{MessageDelivered{told}})};
    records[1].cause = records[0].seq;
    records[2].cause = records[1].seq;
    TraceLog log;
    PacketsPanel packets(log);
    MessagesPanel messages(log);
    packets.setSource({ours, {}});
    messages.setSource({ours, {}});
    log.append(records);

    QStringList texts;
    for (int row = 0; row < packets.model()->rowCount(); ++row)
        texts << copied(*packets.table(), row, PacketModel::Summary) << copiedFields(packets, row);
    texts << copied(*messages.table(), 0, MessageModel::Payload);
    texts << messages.findChild<QPlainTextEdit *>()->toPlainText();
    QVERIFY(texts.last().contains(QStringLiteral("xxx")));
    for (const QString &text : std::as_const(texts)) {
        for (const char *secret : {"batt", "stap", "62 61 74 74", "73 74 61 70"})
            QVERIFY2(!text.contains(QLatin1String(secret)), qPrintable(text));
    }
}

QTEST_MAIN(TestCopying)
#include "tst_copying.moc"
