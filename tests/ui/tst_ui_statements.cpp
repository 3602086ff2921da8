// The page of the statements: found by id and by word, told in full, followed by links, copied; all by keyboard.
#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/statements/statements_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QTextBrowser>

using namespace sessionscope;

namespace {

QStringList shownIds(const StatementsPage &page)
{
    QStringList ids;
    for (int row = 0; row < page.table()->model()->rowCount(); ++row)
        ids << page.table()->model()->index(row, 0).data().toString();
    return ids;
}

QString currentId(const StatementsPage &page)
{
    return page.current() ? page.current()->id : QString();
}

} // namespace

class TestUiStatements : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initResources(); }
    void lists_every_statement_of_both_versions();
    void finds_by_id_and_by_word_data();
    void finds_by_id_and_by_word();
    void says_that_nothing_is_found();
    void tells_all_that_is_known();
    void opens_one_that_the_search_hides();
    void follows_links_to_the_other_version();
    void is_worked_by_keyboard();
    void copies_the_entry_as_text();
};

void TestUiStatements::lists_every_statement_of_both_versions()
{
    StatementsPage page;
    QCOMPARE(shownIds(page).size(), 251 + 141);
    QCOMPARE(currentId(page), shownIds(page).first());
}

void TestUiStatements::finds_by_id_and_by_word_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("first");
    QTest::addColumn<int>("count"); // -1: several
    QTest::newRow("id of 5.0") << "MQTT-3.3.1-4"
                               << "MQTT-3.3.1-4" << 1;
    QTest::newRow("in brackets, any case") << " [mqtt-3.3.1-4] "
                                           << "MQTT-3.3.1-4" << 1;
    QTest::newRow("id of 3.1.1") << "v3:MQTT-3.3.1-4"
                                 << "v3:MQTT-3.3.1-4" << 1;
    QTest::newRow("number of either") << "3.3.1-4"
                                      << "MQTT-3.3.1-4" << 2;
    QTest::newRow("section") << "MQTT-3.14."
                             << "MQTT-3.14.0-1" << -1;
    QTest::newRow("words") << "TOPIC alias"
                           << "MQTT-3.1.2-26" << -1;
    QTest::newRow("test") << "tst_topic"
                          << "MQTT-1.5.4-1" << -1;
}

void TestUiStatements::finds_by_id_and_by_word()
{
    QFETCH(QString, text);
    QFETCH(int, count);
    StatementsPage page;
    page.searchField()->setText(text);
    QTEST(shownIds(page).value(0), "first");
    if (count < 0)
        QVERIFY(shownIds(page).size() > 1 && shownIds(page).size() < 100);
    else
        QCOMPARE(shownIds(page).size(), count);
    QCOMPARE(currentId(page), shownIds(page).value(0));
}

void TestUiStatements::says_that_nothing_is_found()
{
    StatementsPage page;
    page.searchField()->setText(QStringLiteral("xylophone"));
    QCOMPARE(shownIds(page), QStringList());
    QVERIFY(!page.current());
    QCOMPARE(page.text()->toPlainText(), QStringLiteral("No statement contains this."));
    page.searchField()->clear();
    QCOMPARE(shownIds(page).size(), 251 + 141);
    QVERIFY(page.current());
}

void TestUiStatements::tells_all_that_is_known()
{
    StatementsPage page;
    page.open(QStringLiteral("MQTT-3.3.1-4"));
    const Statement &row = *page.current();
    const QString told = page.text()->toPlainText();
    QStringList parts{QStringLiteral("MQTT-3.3.1-4  (MQTT 5.0, publish)"),
                      row.text,
                      row.violation,
                      row.example,
                      QStringLiteral("QoS of 3: 0x81"),
                      QStringLiteral("v3:MQTT-3.3.1-4")};
    parts += row.where + row.tests;
    for (const QString &part : parts)
        QVERIFY2(told.simplified().contains(part.simplified()), qPrintable(part + QStringLiteral(" in ") + told));
}

void TestUiStatements::opens_one_that_the_search_hides()
{
    StatementsPage page;
    page.searchField()->setText(QStringLiteral("will delay"));
    page.open(shownIds(page).last());
    QCOMPARE(page.searchField()->text(), QStringLiteral("will delay"));
    page.open(QStringLiteral("MQTT-3.3.1-4"));
    QCOMPARE(page.searchField()->text(), QString());
    QCOMPARE(currentId(page), QStringLiteral("MQTT-3.3.1-4"));
    page.open(QStringLiteral("MQTT-3.3.1"));
    QCOMPARE(currentId(page), QStringLiteral("MQTT-3.3.1-4"));
}

void TestUiStatements::follows_links_to_the_other_version()
{
    StatementsPage page;
    page.open(QStringLiteral("MQTT-3.3.1-4"));
    Q_EMIT page.text()->anchorClicked(QUrl(QStringLiteral("v3:MQTT-3.3.1-4")));
    QCOMPARE(currentId(page), QStringLiteral("v3:MQTT-3.3.1-4"));
}

void TestUiStatements::is_worked_by_keyboard()
{
    StatementsPage page;
    page.show();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    page.searchField()->setFocus();
    QTest::keyClicks(page.searchField(), QStringLiteral("3.3.1-4"));
    QTest::keyClick(page.searchField(), Qt::Key_Return);
    QCOMPARE(QGuiApplication::focusObject(), page.table());
    QTest::keyClick(page.table(), Qt::Key_Down);
    QCOMPARE(currentId(page), QStringLiteral("v3:MQTT-3.3.1-4"));
    // The link to the statement of 5.0 is reached by Tab.
    QTest::keyClick(page.table(), Qt::Key_Tab);
    QCOMPARE(QGuiApplication::focusObject(), page.text());
    QTest::keyClick(page.text(), Qt::Key_Tab);
    QTest::keyClick(page.text(), Qt::Key_Return);
    QCOMPARE(currentId(page), QStringLiteral("MQTT-3.3.1-4"));
}

void TestUiStatements::copies_the_entry_as_text()
{
    StatementsPage page;
    page.open(QStringLiteral("v3:MQTT-3.3.1-4"));
    QTest::mouseClick(page.findChild<QPushButton *>(), Qt::LeftButton);
    QCOMPARE(QGuiApplication::clipboard()->text(), entryText(*page.current()) + u'\n');
}

QTEST_MAIN(TestUiStatements)
#include "tst_ui_statements.moc"
