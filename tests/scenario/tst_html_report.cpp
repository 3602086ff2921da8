// Ladders, the HTML page they stand on, and comparisons: from scenarios that are played here.
#include "core/scenario/comparison.h"
#include "core/scenario/html_page.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/report.h"
#include "core/scenario/virtual_run.h"

#include <QRegularExpression>
#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray played = "scenario: A <b>ladder</b> %1\n"
                          "statements: [MQTT-4.4.0-1]\n"
                          "clients:\n"
                          "  door: { clean_start: false, session_expiry: 1h, username: secretive }\n"
                          "  backend:\n"
                          "steps:\n"
                          "  - door: connect\n"
                          "  - door: { subscribe: { filter: a, qos: 1 } }\n"
                          "  - backend: connect\n"
                          "  - door: { cut: { when: { before_sending: PUBACK } } }\n"
                          "  - backend: { publish: { topic: a, qos: 1, payload: x } }\n"
                          "  - wait: 20min\n"
                          "  - broker: { restart: crash }\n"
                          "  - door: connect\n"
                          "  - expect: { door.received: [ { payload: x, times: 3 } ] }\n";

RunResult play(const QByteArray &text, Ladders ladders = Ladders::Kept)
{
    const auto scenarios = readScenarios(text, QStringLiteral("played.yaml"));
    if (!scenarios)
        return {.name = problemText(scenarios.error().front()), .verdict = Verdict::Error};
    RunOptions options;
    options.ladders = ladders;
    return runVirtually(scenarios->front(), options);
}

qsizetype count(const Ladder &ladder, LadderRow::Kind kind, const QString &text = {})
{
    return std::ranges::count_if(ladder.rows,
                                 [&](const LadderRow &row) { return row.kind == kind && row.text.contains(text); });
}

} // namespace

class HtmlReportTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_ladder_shows_packets_cuts_restarts_and_both_ends()
    {
        const Ladder ladder = play(played).ladder;
        using Kind = LadderRow::Kind;
        QCOMPARE(ladder.lanes, QStringList({QStringLiteral("door"), QStringLiteral("backend")}));
        QCOMPARE(count(ladder, Kind::Packet, QStringLiteral("CONNECT")), 3);
        QCOMPARE(count(ladder, Kind::Packet, QStringLiteral("QoS 1 DUP \"a\"")), 1);
        QCOMPARE(count(ladder, Kind::Packet, QStringLiteral("Session Present 1")), 1);
        QCOMPARE(count(ladder, Kind::Broker, QStringLiteral("crash")), 1);
        QVERIFY(count(ladder, Kind::Cut) >= 2);
        QCOMPARE(count(ladder, Kind::Standing, QStringLiteral("broker: session kept, ends in 1h, #1 waits for PUBACK")),
                 1);
        const auto lost = std::ranges::find(ladder.rows, true, &LadderRow::isLost);
        QVERIFY(lost != ladder.rows.end());
        QVERIFY2(lost->text.startsWith(QStringLiteral("PUBACK #1")), qPrintable(lost->text));
    }

    void an_ordinary_run_keeps_no_ladder()
    {
        const RunResult run = play(played, Ladders::Dropped);
        QVERIFY(run.ladder.rows.empty());
        QVERIFY(!run.trace.isEmpty());
    }

    void the_page_stands_alone_and_escapes_names()
    {
        Report report{.program = QStringLiteral("program 1"), .broker = QStringLiteral("bundled")};
        report.runs = {play(played)};
        const QString page = QString::fromUtf8(writeReport(report, ReportFormat::Html));
        QVERIFY(page.contains(QStringLiteral("A &lt;b&gt;ladder&lt;/b&gt; %1")));
        QVERIFY(!page.contains(QStringLiteral("<b>")));
        static const QRegularExpression elsewhere(QStringLiteral("(src|href)=\"(?!#)|url\\(|@import"));
        QVERIFY(!elsewhere.match(page).hasMatch());
        QVERIFY(page.contains(QStringLiteral("played.yaml:15:15")));
        QVERIFY(page.contains(QStringLiteral("door received: payload: &quot;x&quot;, times: 3")));
        QVERIFY(page.contains(QStringLiteral("20min pass")));
        QVERIFY(page.contains(QStringLiteral("<th scope=\"col\">Verdict</th>")));
        QCOMPARE(page.count(QStringLiteral("<svg class=\"ladder\" role=\"list\" aria-label=")), 1);
        // Every link leads somewhere.
        static const QRegularExpression link(QStringLiteral("href=\"#([^\"]+)\""));
        for (auto links = link.globalMatch(page); links.hasNext();) {
            const QString target = links.next().captured(1);
            QVERIFY2(page.contains(QStringLiteral("id=\"%1\"").arg(target)), qPrintable(target));
        }
    }

    void many_runs_begin_with_what_did_not_pass()
    {
        const RunResult failed = play(played);
        const RunResult passed = play(QByteArray(played).replace("times: 3", "times: 2"));
        QCOMPARE(passed.verdict, Verdict::Passed);
        Report report{.program = QStringLiteral("program 1"), .broker = QStringLiteral("bundled")};
        report.runs = {passed, failed};
        const QString page = QString::fromUtf8(writeReport(report, ReportFormat::Html));
        const qsizetype list = page.indexOf(QStringLiteral("What did not pass"));
        QVERIFY(list > 0 && list < page.indexOf(QStringLiteral("<table>")));
        QCOMPARE(page.mid(list, 200).count(QStringLiteral("href=\"#run-2\"")), 1);
        // The delivery that is one too few is no row of the ladder; what came before it is, and is marked.
        QVERIFY(page.contains(QRegularExpression(QStringLiteral("<a href=\"#run-2-\\d+\">record \\d+</a>"))));
        QCOMPARE(page.count(QStringLiteral(" marked\"")), 1);
        report.runs = {passed};
        const QString fine = QString::fromUtf8(writeReport(report, ReportFormat::Html));
        QVERIFY(!fine.contains(QStringLiteral("What did not pass")) && fine.contains(QStringLiteral("<p>1 run: ")));
    }

    /// A script that a browser cannot read does nothing, and says so to nobody.
    void the_script_is_written_as_it_has_to_be()
    {
        const QString page = QString::fromUtf8(htmlPage({}, {}));
        const QString script = page.section(QStringLiteral("<script>"), 1).section(QStringLiteral("</script>"), 0, 0);
        QCOMPARE(script.count(QStringLiteral("() => {")), 2);
        QCOMPARE(script.count(u'{'), script.count(u'}'));
        QCOMPARE(script.count(u'('), script.count(u')'));
        QVERIFY(!script.contains(QStringLiteral("= >")));
    }

    void a_long_ladder_says_what_it_left_out()
    {
        const RunResult run = play("scenario: Long\nclients: { door: }\nsteps:\n  - door: connect\n"
                                   "  - door: { publish: { topic: a, count: 3000 } }\n");
        QCOMPARE(run.ladder.rows.size(), ladderRowLimit);
        QVERIFY(run.ladder.leftOut >= 1000);
        QVERIFY(!count(run.ladder, LadderRow::Kind::Packet, QStringLiteral("CONNECT")));
    }

    void the_same_packets_align_whatever_their_ids_and_times()
    {
        const RunResult run = play(played);
        const RunResult other =
            play(QByteArray(played)
                     .replace("20min", "30min")
                     .replace("  - backend: connect\n", "  - backend: connect\n  - door: { unsubscribe: b }\n"));
        QCOMPARE(differingPackets(run.ladder, run.ladder), std::size_t(0));
        QCOMPARE(differingPackets(run.ladder, other.ladder), std::size_t(2));
        const auto rows = alignPackets(run.ladder, other.ladder, 0);
        QCOMPARE(std::ranges::count_if(rows, [](const AlignedRows &row) { return !row.left; }), 2);
        QCOMPARE(std::ranges::count_if(rows, [](const AlignedRows &row) { return !row.right; }), 0);
    }

    void a_comparison_tells_what_differs_with_its_statements()
    {
        const RunResult failed = play(played);
        const RunResult passed = play(QByteArray(played).replace("times: 3", "times: 2").replace("qos: 1,", "qos: 0,"));
        Comparison comparison{.program = QStringLiteral("program 1")};
        comparison.columns = {{QStringLiteral("one"), {failed, failed}}, {QStringLiteral("two"), {passed, failed}}};
        comparison.columns[1].runs[0].verdict = Verdict::Passed;
        QVERIFY(verdictsDiffer(comparison, 0));
        QVERIFY(!verdictsDiffer(comparison, 1));
        const QString text = comparisonText(comparison);
        QVERIFY2(text.contains(QStringLiteral("statements: MQTT-4.4.0-1")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("only one: backend → PUBLISH #1 QoS 1")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("only two: backend → PUBLISH QoS 0")), qPrintable(text));
        QCOMPARE(text.count(QStringLiteral("statements:")), 1);
        const QString page = QString::fromUtf8(writeComparison(comparison, ComparisonFormat::Html));
        QCOMPARE(page.count(QStringLiteral("<svg class=\"ladder\"")), 4);
        QCOMPARE(page.count(QStringLiteral("<tr class=\"differs\"><th scope=\"row\">A ")), 1);
    }

    void names_of_formats_lead_back()
    {
        for (const QString &name : comparisonFormatNames().split(QStringLiteral(", ")))
            QVERIFY(comparisonFormatOf(name).has_value());
        QVERIFY(!comparisonFormatOf(QStringLiteral("junit")));
    }
};

QTEST_APPLESS_MAIN(HtmlReportTest)
#include "tst_html_report.moc"
