// `sessionscope-cli statements`: totals and list, one entry, a search, JSON lines, and what it says of an id that is
// none.
#include "tests/app/cli_process.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace sessionscope;

class CliStatementsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lists_every_statement_below_the_totals()
    {
        const CliOutcome outcome = runCli(words("statements"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        const QStringList lines = outcome.lines();
        QVERIFY(lines.first().startsWith(QStringLiteral("area")));
        const auto isTotal = [](const QString &line) { return line.startsWith(QStringLiteral("all ")); };
        const auto total = std::ranges::find_if(lines, isTotal);
        QVERIFY(total != lines.end());
        QCOMPARE(total->simplified().split(u' ').mid(1, 2), words("251 141"));
        QCOMPARE(lines.end() - total - 1, 251 + 141);
        QVERIFY(lines.last().startsWith(QStringLiteral("v3:MQTT-7.1.2-1 ")));
    }

    void shows_a_statement_whole_and_what_is_like_it()
    {
        const CliOutcome outcome = runCli(words("statements mqtt-3.3.1-4"));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY(outcome.out.startsWith(QStringLiteral("MQTT-3.3.1-4  (MQTT 5.0, publish)\n")));
        for (const char *part : {"QoS 3 is never used.", "QoS of 3: 0x81", "core/rules/packet_rows.h",
                                 "vectors/publish:", "\n\nv3:MQTT-3.3.1-4  (MQTT 3.1.1, publish)\n"})
            QVERIFY2(outcome.out.contains(QLatin1String(part)), part);
    }

    void finds_statements_by_a_word()
    {
        const CliOutcome outcome = runCli({QStringLiteral("statements"), QStringLiteral("TOPIC alias")});
        QCOMPARE(outcome.code, 0);
        QVERIFY(outcome.out.contains(QStringLiteral("MQTT-3.2.2-17 ")));
        QVERIFY(!outcome.out.contains(QStringLiteral("MQTT-3.3.1-4 ")));
    }

    void fails_when_no_statement_has_the_word()
    {
        const CliOutcome outcome = runCli(words("statements xylophone"));
        QCOMPARE(outcome.code, 1);
        QCOMPARE(outcome.out, QString());
        QVERIFY(outcome.err.contains(QStringLiteral("no statement contains \"xylophone\"")));
    }

    void refuses_an_unknown_id_and_suggests_one_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("of 5.0") << words("statements MQTT-3.3.1-22") << "Did you mean \"MQTT-3.3.1-2\"?";
        QTest::newRow("of 3.1.1") << words("statements v3:3.12.4-11") << "Did you mean \"v3:MQTT-3.12.4-1\"?";
        QTest::newRow("short") << words("statements 3.12.4-11") << "Did you mean \"MQTT-3.12.4-1\"?";
        QTest::newRow("two words") << words("statements topic alias") << "unexpected argument \"alias\"";
        QTest::newRow("option") << words("statements --jsn") << "Did you mean \"json\"?";
    }
    void refuses_an_unknown_id_and_suggests_one()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const CliOutcome outcome = runCli(arguments);
        QCOMPARE(outcome.code, 2);
        QCOMPARE(outcome.out, QString());
        QVERIFY2(outcome.err.contains(says), qPrintable(outcome.err));
    }

    void prints_json_lines()
    {
        const CliOutcome outcome = runCli(words("statements 3.3.1-4 --json"));
        QCOMPARE(outcome.code, 0);
        QCOMPARE(outcome.lines().size(), 2);
        const auto object = QJsonDocument::fromJson(outcome.lines().first().toUtf8()).object();
        QCOMPARE(object.value(QStringLiteral("kind")).toString(), QStringLiteral("statement"));
        QCOMPARE(object.value(QStringLiteral("binds")).toString(), QStringLiteral("packet"));
        QVERIFY(!object.value(QStringLiteral("tests")).toArray().isEmpty());
        const QStringList all = runCli(words("statements --json")).lines();
        const auto totals = QJsonDocument::fromJson(all.value(0).toUtf8()).object();
        QCOMPARE(totals.value(QStringLiteral("all")).toObject().value(QStringLiteral("v5")).toInt(), 251);
        QCOMPARE(all.size(), 1 + 251 + 141);
    }
};

QTEST_GUILESS_MAIN(CliStatementsTest)
#include "tst_cli_statements.moc"
