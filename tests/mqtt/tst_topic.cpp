// Strings, topic names and filters: the tables of v5 §4.7 and more.
#include "core/mqtt/topic.h"

#include <QRandomGenerator>
#include <QStringList>
#include <QTest>

using namespace sessionscope;

class TestTopic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tells_strings_from_other_bytes_data();
    void tells_strings_from_other_bytes();
    void finds_a_bad_byte_at_every_place();
    void calls_a_topic_plain_only_when_it_is();
    void tells_names_and_filters_data();
    void tells_names_and_filters();
    void matches_data();
    void matches();
    void matches_as_the_levels_say();
    void takes_a_shared_filter_apart();
};

void TestTopic::tells_strings_from_other_bytes_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isString");

    QTest::newRow("empty") << QByteArray("") << true;
    QTest::newRow("plain") << QByteArray("sensors/kitchen/temperature") << true;
    QTest::newRow("two bytes") << QByteArray("gr\xC3\xBC\xC3\x9F") << true;
    QTest::newRow("last of three bytes") << QByteArray("\xEF\xBF\xBF") << true;
    QTest::newRow("last before the surrogates") << QByteArray("\xED\x9F\xBF") << true;
    QTest::newRow("first behind the surrogates") << QByteArray("\xEE\x80\x80") << true;
    QTest::newRow("highest") << QByteArray("\xF4\x8F\xBF\xBF") << true;
    QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBFx") << true;
    QTest::newRow("control characters") << QByteArray("\x01\x1F\x7F") << true;
    QTest::newRow("U+0000") << QByteArray("a\0b", 3) << false;
    QTest::newRow("U+0000 behind eight plain bytes") << QByteArray("12345678\0", 9) << false;
    QTest::newRow("first surrogate") << QByteArray("\xED\xA0\x80") << false;
    QTest::newRow("last surrogate") << QByteArray("\xED\xBF\xBF") << false;
    QTest::newRow("over-long slash") << QByteArray("\xC0\xAF") << false;
    QTest::newRow("over-long of two bytes") << QByteArray("\xC1\xBF") << false;
    QTest::newRow("over-long of three bytes") << QByteArray("\xE0\x9F\xBF") << false;
    QTest::newRow("over-long of four bytes") << QByteArray("\xF0\x8F\xBF\xBF") << false;
    QTest::newRow("above the highest") << QByteArray("\xF4\x90\x80\x80") << false;
    QTest::newRow("five bytes") << QByteArray("\xF8\x88\x80\x80\x80") << false;
    QTest::newRow("continuation alone") << QByteArray("\x80") << false;
    QTest::newRow("cut off") << QByteArray("abc\xE2\x82") << false;
    QTest::newRow("lead followed by plain") << QByteArray("\xC3(") << false;
    QTest::newRow("longest") << QByteArray(65'535, 'x') << true;
    QTest::newRow("too long") << QByteArray(65'536, 'x') << false;
}

// MQTT-1.5.4-1, -2, MQTT-4.7.3-2, v3:MQTT-1.5.3-1, -2, v3:MQTT-4.7.3-2
void TestTopic::tells_strings_from_other_bytes()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, isString);
    QCOMPARE(isMqttString(bytes), isString);
}

void TestTopic::finds_a_bad_byte_at_every_place()
{
    for (int size = 1; size < 40; ++size) {
        for (int at = 0; at < size; ++at) {
            QByteArray text(size, 'x');
            QVERIFY(isMqttString(text));
            text[at] = '\0';
            QVERIFY(isUtf8(text) && !isMqttString(text));
            text[at] = char(0xFF);
            QVERIFY(!isUtf8(text) && !isMqttString(text));
        }
    }
}

void TestTopic::calls_a_topic_plain_only_when_it_is()
{
    QVERIFY(isPlainTopic(""));
    for (int size = 1; size < 40; ++size) {
        for (int at = 0; at < size; ++at) {
            for (int byte = 0; byte <= 0xFF; ++byte) {
                QByteArray name(size, 'x');
                name[at] = char(byte);
                const bool isPlain = byte != 0 && byte < 0x80 && byte != '+' && byte != '#';
                QVERIFY2(isPlainTopic(name) == isPlain, name.toHex());
            }
        }
    }
}

void TestTopic::tells_names_and_filters_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isName");
    QTest::addColumn<bool>("isFilter");

    const auto row = [](const char *text, bool isName, bool isFilter) {
        QTest::newRow(*text ? text : "empty") << QByteArray(text) << isName << isFilter;
    };
    row("", false, false);
    row("/", true, true);
    row("a", true, true);
    row("a//b", true, true);
    row(" ", true, true);
    row("$SYS/x", true, true);
    row("#", false, true);
    row("+", false, true);
    row("+/+", false, true);
    row("+/", false, true);
    row("/+", false, true);
    row("a/#", false, true);
    row("a/+/#", false, true);
    row("a/+/b", false, true);
    row("a#", false, false);
    row("#/a", false, false);
    row("##", false, false);
    row("a/#/b", false, false);
    row("a/#/#", false, false);
    row("a+", false, false);
    row("+a", false, false);
    row("a/+b/c", false, false);
    row("++", false, false);
    row("+#", false, false);
    row("$share/g/a", true, true);
    row("$share/g//a", true, true);
    row("$share/g/#", false, true);
    row("$share/g/a#", false, false);
    row("$share/g/", true, false);
    row("$share/g", true, false);
    row("$share/", true, false);
    row("$share//a", true, false);
    row("$share/g+/a", false, false);
    row("$share/#/a", false, false);
    row("$share", true, true);
    row("$shared/g", true, true);
    QTest::newRow("longest") << QByteArray(65'535, 't') << true << true;
    QTest::newRow("too long") << QByteArray(65'536, 't') << false << false;
}

// MQTT-4.7.1-1, -2, MQTT-4.7.3-1, -3, MQTT-4.8.2-1, -2, v3:MQTT-4.7.1-2, -3, v3:MQTT-4.7.3-1, -3
void TestTopic::tells_names_and_filters()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isName);
    QFETCH(bool, isFilter);
    QCOMPARE(isTopicName(text), isName);
    QCOMPARE(isTopicFilter(text), isFilter);
}

void TestTopic::matches_data()
{
    QTest::addColumn<QByteArray>("filter");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("expected");

    const auto row = [](const char *filter, const char *name, bool expected) {
        QTest::addRow("%s and %s", filter, name) << QByteArray(filter) << QByteArray(name) << expected;
    };
    row("a", "a", true);
    row("a", "A", false);
    row("a", "a/", false);
    row("a/b", "a//b", false);
    row("sensors/+/temp", "sensors/a/temp", true);
    row("sensors/+/temp", "sensors//temp", true);
    row("sensors/+/temp", "sensors/temp", false);
    row("sensors/+/temp", "sensors/a/b/temp", false);
    row("sensors/#", "sensors", true);
    row("sensors/#", "sensors/", true);
    row("sensors/#", "sensors/a/b", true);
    row("sensors/#", "sensorsx", false);
    row("sensors/#", "sensor", false);
    row("+", "x", true);
    row("+", "/x", false);
    row("+", "x/", false);
    row("+", "$x", false);
    row("+/+", "/x", true);
    row("/+", "/x", true);
    row("+/+", "x", false);
    row("+/#", "x", true);
    row("#", "a/b", true);
    row("#", "/", true);
    row("#", "$SYS/up", false);
    row("+/up", "$SYS/up", false);
    row("$SYS/#", "$SYS", true);
    row("$SYS/#", "$SYS/up", true);
    row("$SYS/+", "$SYS/up", true);
    row("$SYS/#", "SYS/up", false);
    row("a/$b/#", "a/$b/c", true);
    row("a/+", "a/$b", true);
    row("\xEF\xBB\xBF"
        "a",
        "a", false);
}

// MQTT-1.5.4-3, MQTT-4.7.2-1, MQTT-4.7.3-4, v3:MQTT-1.5.3-3, v3:MQTT-4.7.2-1, v3:MQTT-4.7.3-4
void TestTopic::matches()
{
    QFETCH(QByteArray, filter);
    QFETCH(QByteArray, name);
    QFETCH(bool, expected);
    QCOMPARE(filterMatches(filter, name), expected);
}

// The matcher against the plainest statement of the rule, level by level, on seeded filters and names.
// MQTT-3.3.2-3, MQTT-4.7.2-1, v3:MQTT-3.3.2-3, v3:MQTT-4.7.2-1
void TestTopic::matches_as_the_levels_say()
{
    const auto byLevels = [](const QByteArray &filter, const QByteArray &name) {
        if (name.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#')))
            return false;
        const auto wanted = filter.split('/');
        const auto levels = name.split('/');
        for (qsizetype i = 0; i < wanted.size(); ++i) {
            if (wanted[i] == "#")
                return true;
            if (i >= levels.size() || (wanted[i] != "+" && wanted[i] != levels[i]))
                return false;
        }
        return wanted.size() == levels.size();
    };
    const QList<QByteArray> nameLevels{"", "a", "b", "ab", "$a"};
    const QList<QByteArray> filterLevels{"", "a", "b", "ab", "$a", "+", "+"};
    QRandomGenerator random(7);
    const auto draw = [&random](const QList<QByteArray> &from) {
        QByteArrayList levels;
        for (int i = 0, count = 1 + random.bounded(4); i < count; ++i)
            levels.append(from[random.bounded(int(from.size()))]);
        return levels;
    };
    int matching = 0;
    for (int i = 0; i < 50'000; ++i) {
        const auto name = draw(nameLevels).join('/');
        auto levels = draw(filterLevels);
        if (random.bounded(3) == 0)
            levels.append("#");
        const auto filter = levels.join('/');
        const bool expected = byLevels(filter, name);
        matching += expected;
        QVERIFY2(filterMatches(filter, name) == expected, filter + " and " + name);
    }
    QVERIFY(matching > 1000);
}

void TestTopic::takes_a_shared_filter_apart()
{
    const QByteArray filter("$share/group//x/+");
    const auto shared = parseSharedFilter(filter);
    QVERIFY(shared.has_value());
    QCOMPARE(shared->shareName.toByteArray(), QByteArray("group"));
    QCOMPARE(shared->filter.toByteArray(), QByteArray("/x/+"));
    QVERIFY(filterMatches(shared->filter, "/x/y"));
    QVERIFY(!parseSharedFilter("a/b"));
    QVERIFY(!isSharedFilter("$shared/g/t"));
    QVERIFY(isSharedFilter("$share/g"));
}

QTEST_APPLESS_MAIN(TestTopic)
#include "tst_topic.moc"
