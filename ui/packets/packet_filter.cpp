#include "ui/packets/packet_filter.h"

#include "core/mqtt/topic.h"
#include "ui/packets/event_words.h"
#include "ui/packets/packet_peek.h"

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

bool containsWord(QByteArrayView haystack, const QByteArray &word)
{
    const auto same = [](char a, char b) { return std::tolower(quint8(a)) == quint8(b); };
    return std::search(haystack.begin(), haystack.end(), word.begin(), word.end(), same) != haystack.end();
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
        return term;
    }
    static const std::pair<const char *, Field> fields[] = {
        {"type", Field::Type},     {"id", Field::Id},       {"qos", Field::Qos}, {"dup", Field::Dup},
        {"retain", Field::Retain}, {"topic", Field::Topic}, {"dir", Field::Dir}, {"kind", Field::Kind}};
    const QString name = field.toLower();
    const auto *known = std::find_if(std::begin(fields), std::end(fields),
                                     [&](const auto &row) { return name == QLatin1StringView(row.first); });
    if (known == std::end(fields))
        return Words::tr("Unknown field \u201c%1\u201d. There are type, id, qos, dup, retain, topic, dir, kind.")
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
        term.number = value == QLatin1StringView("packet");
        ok = term.number || value == QLatin1StringView("event");
        return ok ? QString() : Words::tr("kind is packet or event.");
    default:
        term.number = value.toInt(&ok);
        return ok ? QString() : Words::tr("\u201c%1\u201d is no number.").arg(value);
    }
}

bool PacketFilter::matches(const TraceRecord &record) const
{
    return std::all_of(m_terms.begin(), m_terms.end(),
                       [&](const Term &term) { return holds(term, record) != term.negated; });
}

bool PacketFilter::holds(const Term &term, const TraceRecord &record)
{
    const auto *packet = std::get_if<PacketTrace>(&record.what);
    if (term.field == Field::Kind)
        return (packet != nullptr) == bool(term.number);
    if (term.field == Field::Word)
        return wordIn(term, record);
    if (!packet)
        return false;
    const PacketPeek seen = peek(*packet);
    const bool publish = seen.type == PacketType::Publish;
    switch (term.field) {
    case Field::Type:
        return int(seen.type) == term.number;
    case Field::Id:
        return seen.packetId.value && seen.packetId.value == term.number;
    case Field::Qos:
        return publish && int(seen.qos) == term.number;
    case Field::Dup:
        return publish && seen.dup == bool(term.number);
    case Field::Retain:
        return publish && seen.retain == bool(term.number);
    case Field::Topic:
        return publish && filterMatches(term.text, seen.topic);
    case Field::Dir:
        return (packet->direction == Direction::Sent) == bool(term.number);
    default:
        return false;
    }
}

bool PacketFilter::wordIn(const Term &term, const TraceRecord &record)
{
    const auto *packet = std::get_if<PacketTrace>(&record.what);
    if (!packet)
        return containsWord(eventWords(record).text.toUtf8(), term.text);
    const PacketPeek seen = peek(*packet);
    return containsWord(packetTypeName(seen.type), term.text) || containsWord(seen.topic, term.text) ||
           containsWord(seen.payload.first(std::min(seen.payload.size(), searchedPayload)), term.text);
}

} // namespace sessionscope
