// Reports: each format tells the same result, and its reader can read it.
#include "core/scenario/report.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QXmlStreamReader>

using namespace sessionscope;

namespace {

constexpr const char *whySkipped =
    "unsupported: else.yaml:3:5: broker: kick expected a broker that can be told this found another one";

} // namespace

class ScenarioReportsTest : public QObject
{
    Q_OBJECT

    static Report sample()
    {
        RunResult passed;
        passed.name = QStringLiteral("Good # one");
        passed.place.file = QStringLiteral("good.yaml");
        RunResult failed;
        failed.name = QStringLiteral("Bad <one> & \"two\"");
        failed.place.file = QStringLiteral("bad.yaml");
        failed.verdict = Verdict::Failed;
        failed.span = std::chrono::milliseconds(1500);
        failed.statements = {QStringLiteral("MQTT-4.3.3-2")};
        failed.failures.push_back({{QStringLiteral("bad.yaml"), 12, 5},
                                   QStringLiteral("door: connect"),
                                   QStringLiteral("door connack: session_present: true"),
                                   QStringLiteral("session_present: false"),
                                   TraceSeq{7}});
        failed.trace = {QStringLiteral("    1  a \x01 line")};
        RunResult unsupported;
        unsupported.name = QStringLiteral("Elsewhere");
        unsupported.verdict = Verdict::Unsupported;
        unsupported.failures.push_back({{QStringLiteral("else.yaml"), 3, 5},
                                        QStringLiteral("broker: kick"),
                                        QStringLiteral("a broker that can be told this"),
                                        QStringLiteral("another one"),
                                        {}});
        return {.program = QStringLiteral("program 1"),
                .broker = QStringLiteral("bundled"),
                .runs = {passed, failed, unsupported},
                .problems = {}};
    }

private Q_SLOTS:
    void text()
    {
        const QString text = QString::fromUtf8(writeReport(sample(), ReportFormat::Text));
        QVERIFY(text.contains(QStringLiteral("  bad.yaml:12:5: door: connect\n"
                                             "    expected door connack: session_present: true\n"
                                             "    found    session_present: false (record 7)\n")));
        QVERIFY(text.endsWith(QStringLiteral("1 passed, 1 failed, 1 unsupported\n")));
    }

    void junit()
    {
        QXmlStreamReader reader(writeReport(sample(), ReportFormat::Junit));
        int cases = 0;
        int failures = 0;
        int skipped = 0;
        while (!reader.atEnd()) {
            if (reader.readNext() != QXmlStreamReader::StartElement)
                continue;
            if (reader.name() == u"testsuite") {
                QCOMPARE(reader.attributes().value(QStringLiteral("tests")).toInt(), 3);
                QCOMPARE(reader.attributes().value(QStringLiteral("failures")).toInt(), 1);
                QCOMPARE(reader.attributes().value(QStringLiteral("skipped")).toInt(), 1);
            }
            cases += reader.name() == u"testcase" ? 1 : 0;
            failures += reader.name() == u"failure" ? 1 : 0;
            skipped += reader.name() == u"skipped" ? 1 : 0;
            if (reader.name() == u"skipped")
                QCOMPARE(reader.attributes().value(QStringLiteral("message")).toString(),
                         QLatin1StringView(whySkipped));
            if (reader.name() == u"testcase" && cases == 2)
                QCOMPARE(reader.attributes().value(QStringLiteral("name")).toString(),
                         QStringLiteral("Bad <one> & \"two\""));
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        QCOMPARE(cases, 3);
        QCOMPARE(failures, 1);
        QCOMPARE(skipped, 1);
    }

    void tap()
    {
        const QStringList lines = QString::fromUtf8(writeReport(sample(), ReportFormat::Tap)).split(u'\n');
        QCOMPARE(lines[1], QStringLiteral("1..3"));
        QCOMPARE(lines[2], QStringLiteral("ok 1 - Good \\# one"));
        QCOMPARE(lines[3], QStringLiteral("not ok 2 - Bad <one> & \"two\""));
        QVERIFY(lines.contains(QStringLiteral("ok 3 - Elsewhere # SKIP ") + QLatin1StringView(whySkipped)));
    }

    void json()
    {
        const QJsonObject report = QJsonDocument::fromJson(writeReport(sample(), ReportFormat::Json)).object();
        const QJsonObject failed = report.value(QStringLiteral("runs")).toArray().at(1).toObject();
        QCOMPARE(failed.value(QStringLiteral("verdict")).toString(), QStringLiteral("failed"));
        QCOMPARE(failed.value(QStringLiteral("seconds")).toDouble(), 1.5);
        QCOMPARE(
            failed.value(QStringLiteral("failures")).toArray().at(0).toObject().value(QStringLiteral("at")).toString(),
            QStringLiteral("bad.yaml:12:5"));
    }

    void markdown()
    {
        const QString text = QString::fromUtf8(writeReport(sample(), ReportFormat::Markdown));
        QVERIFY(text.contains(QStringLiteral("## failed: Bad <one> & \"two\"")));
        QVERIFY(text.contains(QStringLiteral("Statements: MQTT-4.3.3-2")));
        QVERIFY(!text.contains(QStringLiteral("Good # one")));
    }

    void names_of_formats_lead_back()
    {
        for (const QString &name : reportFormatNames().split(QStringLiteral(", ")))
            QVERIFY(reportFormatOf(name).has_value());
        QVERIFY(!reportFormatOf(QStringLiteral("pdf")));
    }
};

QTEST_APPLESS_MAIN(ScenarioReportsTest)
#include "tst_scenario_reports.moc"
