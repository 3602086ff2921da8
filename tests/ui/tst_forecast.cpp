// The sentence under the connect form: every combination that changes what happens, in one table.
#include "ui/connect/forecast.h"

#include <QTest>

using namespace sessionscope;

Q_DECLARE_METATYPE(sessionscope::ConnectValues)
Q_DECLARE_METATYPE(sessionscope::ForecastContext)

namespace {

ConnectValues v5(ExpiryKind kind, quint32 seconds = 3600)
{
    ConnectValues values;
    values.clientId = QStringLiteral("plant-7");
    values.cleanStart = false;
    values.expiry = {kind, seconds};
    return values;
}

ConnectValues v3(bool cleanSession)
{
    ConnectValues values;
    values.clientId = QStringLiteral("plant-7");
    values.version = Version::V311;
    values.cleanStart = cleanSession;
    return values;
}

ConnectValues withWill(ConnectValues values, quint32 delay)
{
    values.will = WillValues{QStringLiteral("lost"), {}, Qos::AtMostOnce, false, delay};
    return values;
}

ConnectValues cleanStart(ConnectValues values)
{
    values.cleanStart = true;
    return values;
}

const ForecastContext resuming{true, true, {}};

} // namespace

class TestForecast : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void says_what_connect_does_data();
    void says_what_connect_does();
    void says_what_the_close_does_data();
    void says_what_the_close_does();
    void says_when_the_will_is_published_data();
    void says_when_the_will_is_published();
    void advises_data();
    void advises();
    void puts_the_parts_into_one_sentence();
    void writes_the_packet_that_it_speaks_of_data();
    void writes_the_packet_that_it_speaks_of();
};

void TestForecast::says_what_connect_does_data()
{
    QTest::addColumn<ConnectValues>("values");
    QTest::addColumn<ForecastContext>("context");
    QTest::addColumn<QString>("part");
    const auto keep = v5(ExpiryKind::Seconds);
    QTest::newRow("clean start") << cleanStart(keep) << resuming << "starts a new session";
    QTest::newRow("resume") << keep << resuming << "resumes the session if the broker still has it";
    QTest::newRow("nothing to resume") << keep << ForecastContext{} << "sent with Clean Start 1";
    QTest::newRow("3.1.1 clean") << v3(true) << resuming << "starts a clean session";
    QTest::newRow("3.1.1 resume") << v3(false) << resuming << "resumes the session";
    QTest::newRow("3.1.1 first") << v3(false) << ForecastContext{} << "starts a new session unless";
}

void TestForecast::says_what_connect_does()
{
    QFETCH(ConnectValues, values);
    QFETCH(ForecastContext, context);
    QFETCH(QString, part);
    const QString told = forecast(values, context).atConnect;
    QVERIFY2(told.contains(part), qPrintable(told));
}

void TestForecast::says_what_the_close_does_data()
{
    QTest::addColumn<ConnectValues>("values");
    QTest::addColumn<QString>("part");
    QTest::newRow("absent") << v5(ExpiryKind::Absent) << "ends with it: an absent expiry means 0";
    QTest::newRow("0") << v5(ExpiryKind::Zero) << "ends with it: subscriptions and queued messages are gone";
    QTest::newRow("n") << v5(ExpiryKind::Seconds, 90) << "keeps the session for 90 s";
    QTest::newRow("n hours") << v5(ExpiryKind::Seconds, 7200) << "keeps the session for 2 h (7200 s)";
    QTest::newRow("never") << v5(ExpiryKind::Never) << "until a CONNECT with Clean Start 1";
    QTest::newRow("3.1.1 clean") << v3(true) << "the session ends with it.";
    QTest::newRow("3.1.1 kept") << v3(false) << "until a CONNECT with Clean Session 1";
}

void TestForecast::says_what_the_close_does()
{
    QFETCH(ConnectValues, values);
    QFETCH(QString, part);
    const QString told = forecast(values).atClose;
    QVERIFY2(told.contains(part), qPrintable(told));
}

void TestForecast::says_when_the_will_is_published_data()
{
    QTest::addColumn<ConnectValues>("values");
    QTest::addColumn<QString>("part");
    QTest::newRow("none") << v5(ExpiryKind::Seconds) << "";
    QTest::newRow("no delay") << withWill(v5(ExpiryKind::Seconds), 0) << "is published at once.";
    QTest::newRow("session ends first") << withWill(v5(ExpiryKind::Absent), 30) << "the delay of 30 s has no effect";
    QTest::newRow("delay within") << withWill(v5(ExpiryKind::Seconds, 3600), 30) << "is published 30 s later";
    QTest::newRow("delay as long") << withWill(v5(ExpiryKind::Seconds, 30), 30) << "when the session ends, after 30 s";
    QTest::newRow("delay longer") << withWill(v5(ExpiryKind::Seconds, 30), 60) << "when the session ends, after 30 s";
    QTest::newRow("never expires") << withWill(v5(ExpiryKind::Never), 60) << "is published 1 min later";
    QTest::newRow("3.1.1 knows no delay") << withWill(v3(false), 60) << "is published at once.";
}

void TestForecast::says_when_the_will_is_published()
{
    QFETCH(ConnectValues, values);
    QFETCH(QString, part);
    const QString told = forecast(values).atBreak;
    QCOMPARE(told.isEmpty(), part.isEmpty());
    QVERIFY2(told.contains(part), qPrintable(told));
}

void TestForecast::advises_data()
{
    QTest::addColumn<ConnectValues>("values");
    QTest::addColumn<ForecastContext>("context");
    QTest::addColumn<QString>("part"); // empty: no advice at all
    const auto keep = v5(ExpiryKind::Seconds);
    auto unnamed = keep;
    unnamed.clientId.clear();
    auto unnamed3 = v3(false);
    unnamed3.clientId.clear();
    auto deaf = keep;
    deaf.keepAlive = 0;
    auto aimless = withWill(keep, 0);
    aimless.will->topic.clear();
    QTest::newRow("all is well") << keep << resuming << "";
    QTest::newRow("plain client") << cleanStart(v5(ExpiryKind::Absent)) << ForecastContext{} << "";
    QTest::newRow("shared id") << keep << ForecastContext{true, true, {QStringLiteral("backend")}}
                               << "backend uses the same Client ID";
    QTest::newRow("no id") << unnamed << resuming << "the broker assigns one";
    QTest::newRow("no id 3.1.1") << unnamed3 << resuming << "refuses Clean Session 0";
    QTest::newRow("last resume") << v5(ExpiryKind::Zero) << resuming << "resumes for the last time";
    QTest::newRow("throws away") << cleanStart(keep) << resuming << "throws away the session";
    QTest::newRow("too short") << v5(ExpiryKind::Seconds, 29) << resuming << "An expiry below 30 s";
    QTest::newRow("just long enough") << v5(ExpiryKind::Seconds, 30) << resuming << "";
    QTest::newRow("a week") << v5(ExpiryKind::Seconds, 7 * 86'400) << resuming << "";
    QTest::newRow("too long") << v5(ExpiryKind::Seconds, 7 * 86'400 + 1) << resuming << "fill the broker";
    QTest::newRow("for ever") << v5(ExpiryKind::Never) << resuming << "fill the broker";
    QTest::newRow("needs none") << keep << ForecastContext{true, false, {}} << "has no subscriptions";
    QTest::newRow("no keep alive") << deaf << resuming << "With keep alive 0";
    QTest::newRow("will without topic") << aimless << resuming << "The will has no topic";
}

void TestForecast::advises()
{
    QFETCH(ConnectValues, values);
    QFETCH(ForecastContext, context);
    QFETCH(QString, part);
    const QString told = forecast(values, context).advice.join(QLatin1Char('\n'));
    QCOMPARE(told.isEmpty(), part.isEmpty());
    QVERIFY2(told.contains(part), qPrintable(told));
}

void TestForecast::puts_the_parts_into_one_sentence()
{
    const Forecast told = forecast(withWill(v5(ExpiryKind::Seconds), 5), resuming);
    QCOMPARE(told.sentence(),
             QString(told.atConnect + QStringLiteral(" ") + told.atClose + QStringLiteral(" ") + told.atBreak));
}

void TestForecast::writes_the_packet_that_it_speaks_of_data()
{
    QTest::addColumn<ConnectValues>("values");
    QTest::addColumn<int>("properties");
    QTest::addColumn<qint64>("expiry"); // -1: not sent
    QTest::newRow("absent") << v5(ExpiryKind::Absent) << 0 << qint64(-1);
    QTest::newRow("0 is sent") << v5(ExpiryKind::Zero) << 1 << qint64(0);
    QTest::newRow("n") << v5(ExpiryKind::Seconds, 90) << 1 << qint64(90);
    QTest::newRow("never") << v5(ExpiryKind::Never) << 1 << qint64(sessionNeverExpires);
    QTest::newRow("3.1.1 has no properties") << v3(false) << 0 << qint64(-1);
}

void TestForecast::writes_the_packet_that_it_speaks_of()
{
    QFETCH(ConnectValues, values);
    QFETCH(int, properties);
    QFETCH(qint64, expiry);
    const ConnectPacket packet = toPacket(values);
    QCOMPARE(int(packet.properties.size()), properties);
    const auto sent = packet.properties.integer(PropertyId::SessionExpiryInterval);
    QCOMPARE(sent ? qint64(*sent) : qint64(-1), expiry);
    QCOMPARE(packet.cleanStart, values.cleanStart);
    QCOMPARE(packet.protocolLevel, quint8(values.version));
    QVERIFY(!packet.userName && !packet.password && !packet.will);
}

QTEST_GUILESS_MAIN(TestForecast)
#include "tst_forecast.moc"
