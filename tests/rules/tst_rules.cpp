// The rules against every vector of tests/vectors: the statements that each breaks, no more and no fewer; and every
// row has a vector that breaks it and one of its packet type that breaks nothing.
#include "core/rules/rules.h"
#include "tests/vectors/vectors.h"

#include <QSet>
#include <QTest>

#include <algorithm>

using namespace sessionscope;
using rules::Answer;

namespace {

constexpr quint16 topicAliasMaximumOfVectors = 10;

rules::Findings findingsOf(const vectors::Vector &vector)
{
    const auto packet = decode(vector.bytes, vector.version);
    if (!packet)
        return {};
    return rules::check(*packet, {.version = vector.version,
                                  .from = vector.from,
                                  .topicAliasMaximum = topicAliasMaximumOfVectors,
                                  .requestProblemInformation = vector.requestProblemInformation});
}

QList<QByteArray> statementsOf(const rules::Findings &findings)
{
    QList<QByteArray> statements;
    for (const auto &finding : findings)
        statements.append(finding.statement);
    std::sort(statements.begin(), statements.end());
    return statements;
}

rules::Finding onlyFinding(const Packet &packet, const rules::Context &context = {})
{
    const auto findings = rules::check(packet, context);
    return findings.size() == 1 ? findings.first() : rules::Finding{.statement = "not exactly one"};
}

} // namespace

class TestRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_vectors = vectors::load(QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/tests/vectors")); }
    void finds_what_the_vector_breaks_data();
    void finds_what_the_vector_breaks();
    void names_what_a_malformed_vector_breaks();
    void has_a_violating_vector_for_every_row();
    void has_a_conforming_vector_for_every_packet_type();
    void tells_the_reason_to_answer_with_data();
    void tells_the_reason_to_answer_with();
    void refuses_a_bad_filter_in_5_and_closes_before();
    void puts_the_gravest_first();
    void blames_the_sender();
    void takes_the_version_of_a_connect_from_itself();
    void names_the_statement_that_malformed_bytes_break_data();
    void names_the_statement_that_malformed_bytes_break();

private:
    QList<vectors::Vector> m_vectors;
};

void TestRules::finds_what_the_vector_breaks_data()
{
    QTest::addColumn<int>("index");
    for (int i = 0; i < m_vectors.size(); ++i) {
        if (!m_vectors[i].reads.isEmpty())
            QTest::newRow(m_vectors[i].name.constData()) << i;
    }
}

void TestRules::finds_what_the_vector_breaks()
{
    QFETCH(int, index);
    auto expected = m_vectors[index].breaks;
    std::sort(expected.begin(), expected.end());
    QCOMPARE(statementsOf(findingsOf(m_vectors[index])), expected);
}

void TestRules::names_what_a_malformed_vector_breaks()
{
    int named = 0;
    for (const auto &vector : m_vectors) {
        if (vector.malformed.isEmpty() || vector.breaks.isEmpty())
            continue;
        const auto result = decode(vector.bytes, vector.version);
        QVERIFY2(!result.ok(), vector.name);
        const auto finding = rules::findingOf(result.error(), {.version = vector.version, .from = vector.from});
        QVERIFY2(vector.breaks == QList<QByteArray>{finding.statement}, vector.name + " breaks " + finding.statement);
        ++named;
    }
    QVERIFY(named > 10);
}

void TestRules::has_a_violating_vector_for_every_row()
{
    QSet<QByteArray> broken;
    for (const auto &vector : m_vectors) {
        for (const auto &finding : findingsOf(vector))
            broken.insert(QByteArray(finding.statement) + ": " + finding.what);
    }
    for (const auto &row : rules::ruleTable()) {
        for (const char *statement : {row.v5, row.v3}) {
            if (statement)
                QVERIFY2(broken.contains(QByteArray(statement) + ": " + row.what), statement);
        }
    }
}

void TestRules::has_a_conforming_vector_for_every_packet_type()
{
    for (const auto version : {Version::V31, Version::V311, Version::V5}) {
        quint32 conforming = 0;
        for (const auto &vector : m_vectors) {
            if (vector.version == version && !vector.reads.isEmpty() && findingsOf(vector).isEmpty())
                conforming |= 1u << (quint8(vector.bytes[0]) >> 4);
        }
        const quint32 every = version == Version::V5 ? 0xFFFE : 0x7FFE;
        QCOMPARE(conforming, every);
    }
}

void TestRules::tells_the_reason_to_answer_with_data()
{
    QTest::addColumn<Packet>("packet");
    QTest::addColumn<QByteArray>("statement");
    QTest::addColumn<ReasonCode>("reason");

    const auto row = [](const char *statement, const Packet &packet, ReasonCode reason) {
        QTest::newRow(statement) << packet << QByteArray(statement) << reason;
    };
    row("MQTT-3.3.1-4", {PublishPacket{.topic = "a", .packetId = {1}, .qos = Qos::Reserved}},
        ReasonCode::MalformedPacket);
    row("MQTT-3.3.2-2", {PublishPacket{.topic = "a/#"}}, ReasonCode::TopicNameInvalid);
    row("MQTT-4.7.3-1", {PublishPacket{}}, ReasonCode::ProtocolError);
    row("MQTT-3.3.2-8", {PublishPacket{.topic = "a", .properties = {{PropertyId::TopicAlias, quint32(0)}}}},
        ReasonCode::TopicAliasInvalid);
    row("MQTT-3.3.2-9", {PublishPacket{.topic = "a", .properties = {{PropertyId::TopicAlias, quint32(1)}}}},
        ReasonCode::TopicAliasInvalid);
    row("MQTT-3.4.2-1", {AckPacket{.packetId = {1}, .reason = ReasonCode::PacketIdentifierNotFound}},
        ReasonCode::ProtocolError);
    row("MQTT-4.7.1-1", {SubscribePacket{.packetId = {1}, .entries = {{.filter = "a#"}}}},
        ReasonCode::TopicFilterInvalid);
    row("MQTT-2.1.3-1", {PingreqPacket{}, quint8(3)}, ReasonCode::MalformedPacket);
    row("v5 §2.1.2", {PingrespPacket{}}, ReasonCode::ProtocolError);
}

void TestRules::tells_the_reason_to_answer_with()
{
    QFETCH(Packet, packet);
    QFETCH(QByteArray, statement);
    QFETCH(ReasonCode, reason);
    const auto finding = onlyFinding(packet);
    QCOMPARE(QByteArray(finding.statement), statement);
    QCOMPARE(finding.reason, reason);
    QCOMPARE(finding.blame, Sender::Client);
}

void TestRules::refuses_a_bad_filter_in_5_and_closes_before()
{
    const Packet packet{SubscribePacket{.packetId = {1}, .entries = {{.filter = "good"}, {.filter = "+bad"}}}};
    QCOMPARE(onlyFinding(packet).answer, Answer::Refuse);
    QCOMPARE(onlyFinding(packet, {.version = Version::V311}).answer, Answer::Close);
}

void TestRules::puts_the_gravest_first()
{
    const Packet packet{SubscribePacket{.entries = {{.filter = "a#", .options = {.reservedBits = 1}}}}};
    const auto findings = rules::check(packet, {});
    QCOMPARE(findings.size(), 3);
    QCOMPARE(findings[0].reason, ReasonCode::MalformedPacket);
    QCOMPARE(findings[1].reason, ReasonCode::ProtocolError);
    QCOMPARE(findings[2].answer, Answer::Refuse);
}

void TestRules::blames_the_sender()
{
    const Packet packet{PublishPacket{.topic = "+", .qos = Qos::AtMostOnce}};
    QCOMPARE(onlyFinding(packet, {.from = Sender::Server}).blame, Sender::Server);
    QCOMPARE(onlyFinding(packet, {.from = Sender::Client}).blame, Sender::Client);
}

void TestRules::takes_the_version_of_a_connect_from_itself()
{
    const Packet packet{ConnectPacket{.protocolLevel = quint8(Version::V311), .cleanStart = false}};
    QCOMPARE(QByteArray(onlyFinding(packet, {.version = Version::V5}).statement), QByteArray("v3:MQTT-3.1.3-8"));
}

void TestRules::names_the_statement_that_malformed_bytes_break_data()
{
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<Version>("version");
    QTest::addColumn<QByteArray>("statement");

    const auto row = [](const char *name, const char *hex, Version version, const char *statement) {
        QTest::newRow(name) << QByteArray(hex) << version << QByteArray(statement);
    };
    using enum Version;
    row("longer length than needed", "C08000", V5, "MQTT-1.5.5-1");
    row("length of five bytes", "C08080808000", V311, "v3 §2.2.3");
    row("no client identifier", "100B00044D5154540502003C00", V5, "MQTT-3.1.3-3");
    row("no client identifier", "100A00044D5154540402003C", V311, "v3:MQTT-3.1.3-3");
    row("will flag without a will", "100E00044D5154540506003C00000161", V5, "MQTT-3.1.2-9");
    row("topic runs past the end", "300400096161", V311, "v3:MQTT-3.3.2-1");
    row("no property length", "3003000161", V5, "MQTT-2.2.2-1");
    row("unknown property", "3006000161027F00", V5, "v5 §2.2.2.2");
    row("level 6", "100E00044D5154540602003C00000161", V5, "MQTT-3.1.2-2");
    row("AUTH before 5.0", "F000", V311, "v3 §2.2.1");
    row("bytes left over", "C00100", V5, "MQTT-4.13.1-1");
    row("bytes left over", "C00100", V311, "v3:MQTT-4.8.0-1");
}

void TestRules::names_the_statement_that_malformed_bytes_break()
{
    QFETCH(QByteArray, hex);
    QFETCH(Version, version);
    QFETCH(QByteArray, statement);
    const auto result = decode(QByteArray::fromHex(hex), version);
    QVERIFY(!result.ok());
    const auto finding = rules::findingOf(result.error(), {.version = version});
    QCOMPARE(QByteArray(finding.statement), statement);
    QCOMPARE(finding.reason, result.error().reason);
    QCOMPARE(finding.answer, Answer::Close);
}

QTEST_APPLESS_MAIN(TestRules)
#include "tst_rules.moc"
