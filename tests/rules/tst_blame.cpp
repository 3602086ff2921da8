// Every row, and every finding of the broker, against the table of statements: whom the statement binds is who is
// blamed, the reason is one that the table has for it, and what nobody broke is called a limit.
#include "core/rules/duty.h"
#include "core/rules/statement_table.h"
#include "tests/vectors/vectors.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope;
using rules::Severity;

namespace {

constexpr quint16 topicAliasMaximumOfVectors = 10;
const QString tree = QStringLiteral(SESSIONSCOPE_SOURCE_DIR "/");

QString textOf(const QString &file)
{
    QFile opened(tree + file);
    return opened.open(QIODevice::ReadOnly) ? QString::fromUtf8(opened.readAll()) : QString();
}

/// Statements that bind a server by what a client does wrong: the client is to blame all the same.
const QSet<QString> toldOfServers{
    u"MQTT-3.1.0-2"_s,    u"v3:MQTT-3.1.0-2"_s, u"MQTT-3.1.2-1"_s,    u"v3:MQTT-3.1.2-1"_s, u"MQTT-3.1.2-2"_s,
    u"v3:MQTT-3.1.2-2"_s, u"MQTT-3.1.2-3"_s,    u"v3:MQTT-3.1.2-3"_s, u"v3:MQTT-3.1.3-8"_s, u"MQTT-4.13.1-1"_s,
};

/// Empty when the sender that is blamed is one that the statement binds.
QString misplacedBlame(const Statement &statement, Sender blame, Severity severity)
{
    if (severity == Severity::Limit || toldOfServers.contains(statement.id))
        return {};
    if (statement.binds == Binds::Client && blame != Sender::Client)
        return statement.id + u" binds the client, and the server is blamed"_s;
    if (statement.binds == Binds::Server && blame != Sender::Server)
        return statement.id + u" binds the server, and the client is blamed"_s;
    return {};
}

/// "0x81" and the like, of which the receiver may choose one.
QSet<quint8> codesIn(const QString &violation)
{
    static const QRegularExpression code(u"0x([0-9A-Fa-f]{2})\\b"_s);
    QSet<quint8> codes;
    for (auto one = code.globalMatch(violation); one.hasNext();)
        codes.insert(quint8(one.next().captured(1).toUInt(nullptr, 16)));
    return codes;
}

struct Reported
{
    rules::Finding finding;
    PacketType packet;
    Version version;
    QByteArray by;
};

} // namespace

class BlameTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto read = readStatementTable(textOf(u"resources/statements/statements.csv"_s),
                                             textOf(u"resources/statements/coverage.csv"_s));
        QVERIFY(read);
        m_table = *read;
        for (const vectors::Vector &vector : vectors::load(tree + u"tests/vectors"_s)) {
            const rules::Context context{vector.version, vector.from, topicAliasMaximumOfVectors,
                                         vector.requestProblemInformation};
            const auto packet = decode(vector.bytes, vector.version);
            const auto findings =
                packet ? rules::check(*packet, context) : rules::Findings{rules::findingOf(packet.error(), context)};
            const PacketType type = packet ? packet->type() : PacketType(quint8(vector.bytes.at(0)) >> 4);
            const bool isItsOwn = std::ranges::none_of(findings, [](const rules::Finding &finding) {
                return QByteArrayView(finding.what) == QByteArrayView("packet type that this side does not send");
            });
            for (const rules::Finding &finding : findings)
                if (isItsOwn)
                    m_reported.push_back({finding, type, vector.version, vector.name});
        }
        QVERIFY(m_reported.size() > 100);
    }

    void blames_whom_the_statement_binds()
    {
        for (const Reported &one : m_reported) {
            const Statement *statement = m_table.find(QString::fromUtf8(one.finding.statement));
            if (!statement) // the standard gives it no number
                continue;
            const QString wrong = misplacedBlame(*statement, one.finding.blame, severityOf(one.finding));
            QVERIFY2(wrong.isEmpty(), qPrintable(QString::fromUtf8(one.by) + u": "_s + wrong));
        }
    }

    void answers_with_a_reason_of_the_table()
    {
        QSet<QString> wrong;
        for (const Reported &one : m_reported) {
            const Statement *statement = m_table.find(QString::fromUtf8(one.finding.statement));
            const QSet<quint8> codes = statement ? codesIn(statement->violation) : QSet<quint8>();
            if (one.version == Version::V5 && !codes.isEmpty() && !codes.contains(quint8(one.finding.reason)))
                wrong.insert(u"%1 with 0x%2: \"%3\" where the table says \"%4\""_s.arg(
                    statement->id, QString::number(quint8(one.finding.reason), 16), QString::fromUtf8(one.finding.what),
                    statement->violation));
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(QStringList(wrong.values()).join(u'\n')));
    }

    // A row is broken by somebody: it closes the connection, or refuses one packet in 5.0.
    void weighs_every_row()
    {
        for (const Reported &one : m_reported) {
            const Severity severity = severityOf(one.finding);
            QVERIFY2(severity != Severity::Limit, one.by);
            const rules::Duty duty = dutyOf(one.finding, one.packet, one.version);
            const bool canRefuse = one.version == Version::V5 && severity == Severity::Refusable;
            QVERIFY2(duty.closes != canRefuse, one.by);
            if (one.version != Version::V5)
                QVERIFY2(!duty.answer || (one.packet == PacketType::Connect && *duty.answer == PacketType::Connack),
                         one.by);
            else if (duty.answer)
                QVERIFY2(isListed(ReasonCode(duty.reason), *duty.answer,
                                  one.finding.blame == Sender::Client ? Sender::Server : Sender::Client),
                         one.by);
        }
    }

    void blames_nobody_for_what_the_broker_may_refuse()
    {
        static const QRegularExpression literal(u"\"((?:v3:)?MQTT-[0-9.]+-[0-9]+)\"[^;{}]*?Sender::(Client|Server)"_s);
        const QDir folder(tree + u"core/broker"_s);
        int seen = 0;
        for (const QString &file : folder.entryList({u"*.cpp"_s, u"*.h"_s})) {
            const QString text = textOf(u"core/broker/"_s + file);
            for (auto one = literal.globalMatch(text); one.hasNext(); ++seen) {
                const auto found = one.next();
                const QByteArray id = found.captured(1).toLatin1();
                const Statement *statement = m_table.find(found.captured(1));
                QVERIFY2(statement, id.constData());
                const Sender blame = found.captured(2) == u"Client"_s ? Sender::Client : Sender::Server;
                const Severity severity = rules::severityOf({.statement = id.constData(), .blame = blame});
                const QString wrong = misplacedBlame(*statement, blame, severity);
                QVERIFY2(wrong.isEmpty(), qPrintable(file + u": "_s + wrong));
            }
        }
        QVERIFY2(seen > 15, QByteArray::number(seen));
    }

private:
    StatementTable m_table;
    std::vector<Reported> m_reported;
};

QTEST_APPLESS_MAIN(BlameTest)
#include "tst_blame.moc"
