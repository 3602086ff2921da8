#include "ui/packets/packet_filter.h"

#include "core/mqtt/topic.h"
#include "ui/packets/event_words.h"
#include "ui/packets/finding_words.h"
#include "ui/packets/packet_peek.h"
#include "ui/statements/statements.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(PacketFilter)
};

/// Bytes of a payload that a word is looked for in.
constexpr qsizetype searchedPayload = 4096;

std::optional<PacketType> typeNamed(const QString &name)
{
    for (int type = 1; type <= 15; ++type) {
        if (name.compare(QLatin1StringView(packetTypeName(PacketType(type))), Qt::CaseInsensitive) == 0)
            return PacketType(type);
    }
    return std::nullopt;
}

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

/// word is in lower case and not empty.
bool containsWord(QByteArrayView haystack, const QByteArray &word)
{
    const auto same = [](char a, char b) { return lower(a) == b; };
    return std::search(haystack.begin(), haystack.end(), word.begin(), word.end(), same) != haystack.end();
}

/// Bit n: the name of PacketType n has the word.
int typesWith(const QByteArray &word)
{
    int types = 0;
    for (int type = 0; type <= 15; ++type)
        types |= int(containsWord(packetTypeName(PacketType(type)), word)) << type;
    return types;
}

} // namespace

Result<PacketFilter, FilterError> PacketFilter::parse(const QString &text)
{
    // "qos == 2" and "qos=2" are the same term.
    static const QRegularExpression term(QStringLiteral("([a-z]+)\\s*(==|!=|=)\\s*(\\S*)|\\S+"),
                                         QRegularExpression::CaseInsensitiveOption);
    PacketFilter filter;
    auto found = term.globalMatch(text);
    while (found.hasNext()) {
        const auto match = found.next();
        if (match.captured() == QLatin1StringView("&&"))
            continue;
        const auto read =
            parseTerm(match.captured(1), match.captured(2), match.captured(match.lastCapturedIndex() == 3 ? 3 : 0));
        if (!read)
            return FilterError{match.capturedStart(), read.error()};
        filter.m_terms.push_back(*read);
    }
    return filter;
}

Result<PacketFilter::Term, QString> PacketFilter::parseTerm(const QString &field, const QString &comparison,
                                                            const QString &value)
{
    Term term;
    if (field.isEmpty()) {
        term.text = value.toLower().toUtf8();
        term.number = typesWith(term.text);
        return term;
    }
    static const std::pair<const char *, Field> fields[] = {
        {"type", Field::Type}, {"id", Field::Id},         {"qos", Field::Qos},
        {"dup", Field::Dup},   {"retain", Field::Retain}, {"topic", Field::Topic},
        {"dir", Field::Dir},   {"kind", Field::Kind},     {"statement", Field::Statement}};
    const QString name = field.toLower();
    const auto *known = std::find_if(std::begin(fields), std::end(fields),
                                     [&](const auto &row) { return name == QLatin1StringView(row.first); });
    if (known == std::end(fields))
        return Words::tr("Unknown field \u201c%1\u201d. There are type, id, qos, dup, retain, topic, dir, kind, "
                         "statement.")
            .arg(name);
    term.field = known->second;
    if (value.isEmpty())
        return Words::tr("%1 needs a value.").arg(name);
    term.negated = comparison == QLatin1StringView("!=");
    const QString problem = readValue(term, value);
    if (!problem.isEmpty())
        return problem;
    return term;
}

QString PacketFilter::readValue(Term &term, const QString &value)
{
    static const std::pair<const char *, LogKind> kinds[] = {
        {"packet", LogKind::Packet}, {"event", LogKind::Event}, {"finding", LogKind::Finding}};
    bool ok = false;
    switch (term.field) {
    case Field::Type: {
        const auto type = typeNamed(value);
        term.number = int(type.value_or(PacketType::Reserved));
        return type ? QString()
                    : Words::tr("\u201c%1\u201d is no packet type. Expected a name such as PUBLISH.").arg(value);
    }
    case Field::Topic:
        term.text = value.toUtf8();
        return isTopicFilter(term.text) ? QString() : Words::tr("\u201c%1\u201d is no topic filter.").arg(value);
    case Field::Dir:
        term.number = value == QLatin1StringView("out");
        ok = term.number || value == QLatin1StringView("in");
        return ok ? QString() : Words::tr("dir is in or out.");
    case Field::Kind:
        for (const auto &[name, kind] : kinds) {
            ok = ok || value == QLatin1StringView(name);
            term.number = value == QLatin1StringView(name) ? int(kind) : term.number;
        }
        return ok ? QString() : Words::tr("kind is packet, event or finding.");
    case Field::Statement:
        for (const Statement *row : statementTable().named(value))
            term.statements << row->id;
        return term.statements.isEmpty() ? Words::tr("There is no statement \u201c%1\u201d.").arg(value) : QString();
    default:
        term.number = value.toInt(&ok);
        return ok ? QString() : Words::tr("\u201c%1\u201d is no number.").arg(value);
    }
}

bool PacketFilter::matches(const LogDigest &digest, const TraceLog &log, LogRow row) const
{
    return std::all_of(m_terms.begin(), m_terms.end(),
                       [&](const Term &term) { return holds(term, digest, log, row) != term.negated; });
}

bool PacketFilter::holds(const Term &term, const LogDigest &digest, const TraceLog &log, LogRow row)
{
    const bool isPacket = digest.kind == LogKind::Packet;
    const bool isPublish = isPacket && digest.type == PacketType::Publish;
    switch (term.field) {
    case Field::Word:
        if (isPacket && (term.number >> int(digest.type) & 1))
            return true;
        return (isPublish || !isPacket) && wordIn(term, log.at(row));
    case Field::Kind:
        return LogKind(term.number) == digest.kind || (LogKind(term.number) == LogKind::Event && !isPacket);
    case Field::Statement:
        return digest.kind == LogKind::Finding &&
               term.statements.contains(QString::fromUtf8(findingIn(log.at(row))->finding.statement));
    case Field::Topic:
        return isPublish && filterMatches(term.text, peek(std::get<PacketTrace>(log.at(row).what)).topic);
    default:
        return isPacket && holdsForPacket(term, digest);
    }
}

bool PacketFilter::holdsForPacket(const Term &term, const LogDigest &digest)
{
    const bool isPublish = digest.type == PacketType::Publish;
    switch (term.field) {
    case Field::Type:
        return int(digest.type) == term.number;
    case Field::Id:
        return digest.packetId && digest.packetId == term.number;
    case Field::Qos:
        return isPublish && int(digest.qos) == term.number;
    case Field::Dup:
        return isPublish && digest.dup == bool(term.number);
    case Field::Retain:
        return isPublish && digest.retain == bool(term.number);
    case Field::Dir:
        return (digest.direction == Direction::Sent) == bool(term.number);
    default:
        return false;
    }
}

bool PacketFilter::wordIn(const Term &term, const TraceRecord &record)
{
    const auto *packet = std::get_if<PacketTrace>(&record.what);
    if (!packet) {
        const EventWords words = eventWords(record);
        return containsWord(words.kind.toUtf8(), term.text) || containsWord(words.text.toUtf8(), term.text);
    }
    const PacketPeek seen = peek(*packet);
    return containsWord(seen.topic, term.text) ||
           containsWord(seen.payload.first(std::min(seen.payload.size(), searchedPayload)), term.text);
}

} // namespace sessionscope
