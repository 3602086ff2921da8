// The scanner on small texts: what it takes for a citation, for a test and for a gap.
#include "tests/statements/citations.h"
#include "tests/statements/coverage.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope;
using namespace sessionscope::statements;

namespace {

const QString statementsCsv = u"id,binds,area,statement,violation,example,alike,mqtt31,untested\n"
                              "MQTT-1.1.1-1,both,area,First.,close,,,,\n"
                              "MQTT-1.1.1-2,client,area,Second.,close,,,,\n"
                              "v3:MQTT-1.1.1-1,server,area,Third.,close,,MQTT-1.1.1-1,,\n"
                              "MQTT-9.9.9-1,both,area,Of a human.,nothing,,,,binds a human\n"_s;
const QString coverageCsv = u"id,where,tests\n"
                            "MQTT-1.1.1-1,core/a.cpp,tst_a gone\n"
                            "MQTT-1.1.1-2,,\nv3:MQTT-1.1.1-1,,\nMQTT-9.9.9-1,,\n"_s;

StatementTable smallTable()
{
    const auto table = readStatementTable(statementsCsv, coverageCsv);
    return table.ok() ? *table : StatementTable();
}

QString testProgram(const QString &slots_)
{
    return u"class T : public QObject\n{\n    Q_OBJECT\nprivate Q_SLOTS:\n"_s + slots_ +
           u"\nprivate:\n    // MQTT-1.1.1-2\n    void helper() {}\n};\n"_s;
}

} // namespace

class CitationsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_ids_data();
    void reads_ids();
    void takes_only_slots_for_tests_and_their_data_with_them();
    void reads_tests_that_are_defined_outside_their_class();
    void reads_the_numbers_of_scenarios_from_names();
    void reads_vectors_and_scenarios();
    void finds_places_and_tests();
    void finds_what_is_unknown_or_missing();
    void writes_what_it_reads_and_tells_the_difference();
};

void CitationsTest::reads_ids_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("ids");

    QTest::newRow("one") << u"// MQTT-3.1.2-23."_s << QStringList{u"MQTT-3.1.2-23"_s};
    QTest::newRow("of 3.1.1") << u"(v3:MQTT-3.1.2-6)"_s << QStringList{u"v3:MQTT-3.1.2-6"_s};
    QTest::newRow("short ones") << u"MQTT-1.1.1-2, -4 and -5."_s
                                << QStringList{u"MQTT-1.1.1-2"_s, u"MQTT-1.1.1-4"_s, u"MQTT-1.1.1-5"_s};
    QTest::newRow("over the end of a comment line")
        << u"MQTT-1.1.1-2,\n    /// -4"_s << QStringList{u"MQTT-1.1.1-2"_s, u"MQTT-1.1.1-4"_s};
    QTest::newRow("a range") << u"v3:MQTT-1.1.1-2 to -4"_s
                             << QStringList{u"v3:MQTT-1.1.1-2"_s, u"v3:MQTT-1.1.1-3"_s, u"v3:MQTT-1.1.1-4"_s};
    QTest::newRow("another section is no range") << u"MQTT-4.7.1-1 to -4.7.2-1"_s << QStringList{u"MQTT-4.7.1-1"_s};
    QTest::newRow("twice") << u"MQTT-1.1.1-1 MQTT-1.1.1-1"_s << QStringList{u"MQTT-1.1.1-1"_s};
    QTest::newRow("sections and versions are none") << u"v5 §3.1.2, MQTT 3.1.1, MQTT-5.0"_s << QStringList{};
}

void CitationsTest::reads_ids()
{
    QFETCH(QString, text);
    QFETCH(QStringList, ids);
    QCOMPARE(idsIn(text), ids);
}

void CitationsTest::takes_only_slots_for_tests_and_their_data_with_them()
{
    const auto text = testProgram(
        u"    void initTestCase() { /* MQTT-1.1.1-2 */ }\n"
        "    // MQTT-1.1.1-1\n"
        "    // and more\n"
        "    void keeps()\n    {\n        if (true) {\n        }\n        x(\"}\"); // v3:MQTT-1.1.1-1\n    }\n"
        "\n    // MQTT-1.1.1-2 belongs to nothing\n\n"
        "    void drops_data() { row(\"MQTT-1.1.1-2\"); }\n"
        "    void drops() {}\n"_s);
    QCOMPARE(testFunctionsIn(u"tests/t.cpp"_s, text),
             (QList<TestFunction>{{u"keeps"_s, {u"MQTT-1.1.1-1"_s, u"v3:MQTT-1.1.1-1"_s}, {}},
                                  {u"drops"_s, {u"MQTT-1.1.1-2"_s}, {}}}));
}

void CitationsTest::reads_tests_that_are_defined_outside_their_class()
{
    const auto text = testProgram(u"    void keeps();\n"_s) + u"\n// MQTT-1.1.1-2\nvoid T::keeps()\n{\n}\n"_s;
    QCOMPARE(testFunctionsIn(u"tests/t.cpp"_s, text), (QList<TestFunction>{{u"keeps"_s, {u"MQTT-1.1.1-2"_s}, {}}}));
}

void CitationsTest::reads_the_numbers_of_scenarios_from_names()
{
    const auto text = testProgram(u"    void S24_S125_refuses() {}\n    void Sends_S3_later() {}\n"_s);
    QCOMPARE(testFunctionsIn(u"tests/t.cpp"_s, text),
             (QList<TestFunction>{{u"S24_S125_refuses"_s, {}, {24, 125}}, {u"Sends_S3_later"_s, {}, {}}}));
}

void CitationsTest::reads_vectors_and_scenarios()
{
    const auto vectors =
        vectorsIn(u"# MQTT-1.1.1-2\n== a, b\n5.0 client\n# MQTT-1.1.1-1\nreads X\nbreaks v3:MQTT-1.1.1-1\n\n== c\n"_s);
    QCOMPARE(vectors.size(), 2);
    QCOMPARE(vectors[0].name, u"a, b"_s);
    QCOMPARE(vectors[0].ids, (QStringList{u"MQTT-1.1.1-1"_s, u"v3:MQTT-1.1.1-1"_s}));
    QVERIFY(vectors[1].ids.isEmpty());
    QCOMPARE(scenariosIn(u"| id | given | when | then | refs |\n"
                         "| S-01 | a | MQTT-1.1.1-2 | b | MQTT-1.1.1-1, v3:MQTT-1.1.1-1 |\n"
                         "| S-02 | a | b | c | [D-01] |\n\n| S-02 | the store |\n"_s),
             (QList<Scenario>{{1, {u"MQTT-1.1.1-1"_s, u"v3:MQTT-1.1.1-1"_s}, {}}, {2, {}, u"the store"_s}}));
}

void CitationsTest::finds_places_and_tests()
{
    const Tree tree{
        {{u"core/x/a.cpp"_s, u"// MQTT-1.1.1-1, -2\n"_s},
         {u"tests/x/tst_a.cpp"_s, testProgram(u"    void S01_plays() {}\n    // MQTT-1.1.1-2\n    void z() {}\n"_s)}},
        {{u"tests/vectors/v.txt"_s, u"== n\nbreaks MQTT-1.1.1-2\n"_s}},
        u"| S-01 | a | b | c | MQTT-1.1.1-1 |\n"_s};
    const auto coverage = coverageOf(tree, smallTable());
    QCOMPARE(coverage[u"MQTT-1.1.1-1"_s], (Covered{{u"core/x/a.cpp"_s}, {u"x/tst_a S01_plays"_s}}));
    QCOMPARE(coverage[u"MQTT-1.1.1-2"_s], (Covered{{u"core/x/a.cpp"_s}, {u"vectors/v: n"_s, u"x/tst_a z"_s}}));
    QCOMPARE(coverage.size(), 4);
}

void CitationsTest::finds_what_is_unknown_or_missing()
{
    const Tree tree{{{u"core/x/a.cpp"_s, u"// MQTT-1.1.1-1\n\n// MQTT-1.1.1-3\n"_s},
                     {u"tests/x/tst_a.cpp"_s, testProgram(u"    void S03_S09_plays() {} // MQTT-9.9.9-1\n"
                                                          "    // MQTT-9.9.9-1\n    void z() {}\n"_s)}},
                    {{u"tests/vectors/v.txt"_s, u"== n\nbreaks v3:MQTT-1.1.1-1\n"_s}},
                    u"| S-01 | a | b | c | d |\n| S-02 | a | b | c | d |\n| S-03 | a | b | c | d |\n"
                    "| S-02 | the store |\n| S-03 | the store |\n"_s};
    const auto table = smallTable();
    QCOMPARE(unknownIds(tree, table), QStringList{u"core/x/a.cpp:3: MQTT-1.1.1-3 is no statement"_s});
    QCOMPARE(gaps(coverageOf(tree, table), table),
             (QStringList{u"MQTT-1.1.1-1 has no test: First."_s, u"MQTT-1.1.1-2 has no place in core/: Second."_s,
                          u"MQTT-1.1.1-2 has no test: Second."_s, u"v3:MQTT-1.1.1-1 has no place in core/: Third."_s,
                          u"MQTT-9.9.9-1 has a test and need not say \"binds a human\""_s}));
    QCOMPARE(scenarioGaps(tree),
             (QStringList{u"S-1 has no test"_s, u"S-3 has a test and need not wait"_s, u"S-9 is no scenario"_s}));
}

void CitationsTest::writes_what_it_reads_and_tells_the_difference()
{
    const auto table = smallTable();
    Coverage coverage = coverageOf({}, table);
    coverage[u"MQTT-1.1.1-1"_s] = {{u"core/a.cpp"_s}, {u"tst_a \"new\""_s, u"vector v: a, b"_s}};
    QCOMPARE(differences(table, coverage),
             (QStringList{u"MQTT-1.1.1-1: - tst_a gone"_s, u"MQTT-1.1.1-1: + tst_a \"new\""_s,
                          u"MQTT-1.1.1-1: + vector v: a, b"_s}));
    const auto written = readStatementTable(statementsCsv, toCsv(coverage, table));
    QVERIFY(written.ok());
    QCOMPARE(differences(*written, coverage), QStringList{});
}

QTEST_APPLESS_MAIN(CitationsTest)
#include "tst_citations.moc"
