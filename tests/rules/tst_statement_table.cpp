// The reader of the table of statements: what it finds by id and by word, and what it says of a file that is wrong.
#include "core/rules/statement_table.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope;

namespace {

const QString heads = u"id,binds,area,statement,violation,example,alike,mqtt31,untested\n"_s;
const QString rows = u"MQTT-1.1.1-1,both,first,\"Says \"\"a, b\"\".\",close,,,,\n"
                     "MQTT-1.1.1-2,client,second,Wants less.,close,,,,a human\n"
                     "v3:MQTT-1.1.1-2,packet,second,Wanted more.,close,,MQTT-1.1.1-1 MQTT-1.1.1-2,Differs.,\n"_s;
const QString coverage = u"id,where,tests\n"
                         "MQTT-1.1.1-1,core/a.cpp; core/b.h,\"vector v: c, d; tst_x y\"\n"
                         "MQTT-1.1.1-2,,\n"
                         "v3:MQTT-1.1.1-2,,\n"_s;

StatementTable readGood()
{
    const auto table = readStatementTable(heads + rows, coverage);
    return table.ok() ? *table : StatementTable();
}

QStringList idsOf(const QList<const Statement *> &found)
{
    QStringList ids;
    for (const auto *row : found)
        ids.append(row->id);
    return ids;
}

} // namespace

class StatementTableTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_every_field()
    {
        const auto table = readGood();
        QCOMPARE(table.rows().size(), 3);
        QCOMPARE(table.rows()[0], (Statement{.id = u"MQTT-1.1.1-1"_s,
                                             .binds = Binds::Both,
                                             .area = u"first"_s,
                                             .text = u"Says \"a, b\"."_s,
                                             .violation = u"close"_s,
                                             .alike = {u"v3:MQTT-1.1.1-2"_s},
                                             .where = {u"core/a.cpp"_s, u"core/b.h"_s},
                                             .tests = {u"vector v: c, d"_s, u"tst_x y"_s}}));
        QCOMPARE(table.rows()[1].untested, u"a human"_s);
        QCOMPARE(table.rows()[2].binds, Binds::Packet);
        QCOMPARE(table.rows()[2].mqtt31, u"Differs."_s);
        QCOMPARE(table.rows()[2].alike, (QStringList{u"MQTT-1.1.1-1"_s, u"MQTT-1.1.1-2"_s}));
        QVERIFY(table.rows()[0].isOfV5() && !table.rows()[2].isOfV5());
    }

    void finds_what_a_person_means_data()
    {
        QTest::addColumn<QString>("asked");
        QTest::addColumn<QStringList>("ids");
        const QStringList both{u"MQTT-1.1.1-2"_s, u"v3:MQTT-1.1.1-2"_s};
        QTest::newRow("bare number") << u"1.1.1-2"_s << both;
        QTest::newRow("whole id") << u"MQTT-1.1.1-2"_s << both.first(1);
        QTest::newRow("lower case, in brackets") << u"[mqtt-1.1.1-2]"_s << both.first(1);
        QTest::newRow("of 3.1.1") << u"V3:MQTT-1.1.1-2"_s << both.last(1);
        QTest::newRow("of 3.1.1, short") << u"v3:1.1.1-2"_s << both.last(1);
        QTest::newRow("nothing") << u"1.1.1-3"_s << QStringList{};
        QTest::newRow("no part of another") << u"1.1.1-"_s << QStringList{};
    }
    void finds_what_a_person_means()
    {
        QFETCH(QString, asked);
        QFETCH(QStringList, ids);
        QCOMPARE(idsOf(readGood().named(asked)), ids);
    }

    void finds_by_exact_id_only()
    {
        const auto table = readGood();
        QCOMPARE(table.find(u"v3:MQTT-1.1.1-2"_s), &table.rows()[2]);
        QCOMPARE(table.find(u"1.1.1-2"_s), nullptr);
    }

    void finds_words_in_any_field_and_case()
    {
        const auto table = readGood();
        QCOMPARE(idsOf(table.containing(u"WANT"_s)), (QStringList{u"MQTT-1.1.1-2"_s, u"v3:MQTT-1.1.1-2"_s}));
        QCOMPARE(idsOf(table.containing(u"core/b.h"_s)), QStringList{u"MQTT-1.1.1-1"_s});
        QCOMPARE(idsOf(table.containing(u"tst_x"_s)), QStringList{u"MQTT-1.1.1-1"_s});
        QCOMPARE(idsOf(table.containing(u"absent"_s)), QStringList{});
    }

    void tells_an_id_from_a_word_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isId");
        QTest::newRow("id") << u"MQTT-3.1.2-23"_s << true;
        QTest::newRow("short id of 3.1.1") << u"v3:3.1.2-23"_s << true;
        QTest::newRow("word") << u"will"_s << false;
        QTest::newRow("version") << u"3.1.1"_s << false;
        QTest::newRow("product") << u"MQTT-"_s << false;
        QTest::newRow("nothing") << u""_s << false;
        QTest::newRow("file") << u"a.b-c"_s << false;
    }
    void tells_an_id_from_a_word()
    {
        QFETCH(QString, text);
        QFETCH(bool, isId);
        QCOMPARE(isStatementId(text), isId);
    }

    void says_what_is_wrong_and_where_data()
    {
        QTest::addColumn<QString>("statements");
        QTest::addColumn<QString>("covered");
        QTest::addColumn<QString>("error");
        const QString lastOfCoverage = u"v3:MQTT-1.1.1-2,,\n"_s;
        QTest::newRow("empty") << u""_s << coverage << u"statements.csv:1: expected the columns"_s;
        QTest::newRow("columns") << u"id\n"_s << coverage << u"statements.csv:1: expected the columns"_s;
        QTest::newRow("no id") << QString(heads + u"x,both,a,b,c,,,,\n"_s) << coverage
                               << u"statements.csv:2: \"x\" is not a statement's id"_s;
        QTest::newRow("too few fields") << QString(heads + rows + u"MQTT-2.2.2-2,both\n"_s) << coverage
                                        << u"statements.csv:5: expected 9 fields and found 2"_s;
        QTest::newRow("twice") << QString(heads + rows + rows) << coverage
                               << u"statements.csv:5: MQTT-1.1.1-1 stands twice"_s;
        QTest::newRow("binds nobody") << QString(heads + u"MQTT-1.1.1-1,all,a,b,c,,,,\n"_s) << coverage
                                      << u"statements.csv:2: \"all\" is not one of"_s;
        QTest::newRow("like nothing") << QString(heads + rows.section(u'\n', 0, 1) +
                                                 u"\nv3:MQTT-1.1.1-2,both,a,b,c,,MQTT-8.8.8-8,,\n"_s)
                                      << coverage << u"statements.csv:4: v3:MQTT-1.1.1-2 is said to be like"_s;
        QTest::newRow("not covered") << QString(heads + rows) << QString(coverage).remove(lastOfCoverage)
                                     << u"coverage.csv:1: v3:MQTT-1.1.1-2 is missing"_s;
        QTest::newRow("covered twice") << QString(heads + rows) << QString(coverage + lastOfCoverage)
                                       << u"coverage.csv:5: v3:MQTT-1.1.1-2 is not the next statement"_s;
    }
    void says_what_is_wrong_and_where()
    {
        QFETCH(QString, statements);
        QFETCH(QString, covered);
        QFETCH(QString, error);
        const auto table = readStatementTable(statements, covered);
        QVERIFY(!table.ok());
        const QString said =
            u"%1:%2: %3"_s.arg(table.error().file, QString::number(table.error().line), table.error().what);
        QVERIFY2(said.startsWith(error), qPrintable(said));
    }
};

QTEST_APPLESS_MAIN(StatementTableTest)
#include "tst_statement_table.moc"
