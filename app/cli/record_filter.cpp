#include "app/cli/record_filter.h"

#include "core/mqtt/topic.h"
#include "core/rules/statement_table.h"
#include "core/trace/text.h"

#include <QRegularExpression>

namespace sessionscope::cli {

namespace {

const QStringList &fields()
{
    static const QStringList names{QStringLiteral("type"),     QStringLiteral("id"),     QStringLiteral("qos"),
                                   QStringLiteral("dup"),      QStringLiteral("retain"), QStringLiteral("topic"),
                                   QStringLiteral("dir"),      QStringLiteral("kind"),   QStringLiteral("client"),
                                   QStringLiteral("statement")};
    return names;
}

/// What a term has to have, where it is not any text.
QString wrongValueOf(const QString &field, const QString &value)
{
    static const std::map<QString, QString> forms{{QStringLiteral("id"), QStringLiteral("\\d+")},
                                                  {QStringLiteral("qos"), QStringLiteral("[012]")},
                                                  {QStringLiteral("dup"), QStringLiteral("[01]")},
                                                  {QStringLiteral("retain"), QStringLiteral("[01]")},
                                                  {QStringLiteral("dir"), QStringLiteral("in|out")},
                                                  {QStringLiteral("kind"), QStringLiteral("packet|event|finding")}};
    const auto form = forms.find(field);
    if (value.isEmpty())
        return QStringLiteral("%1 needs a value").arg(field);
    if (form != forms.end() &&
        !QRegularExpression(QRegularExpression::anchoredPattern(form->second)).match(value).hasMatch())
        return QStringLiteral("\"%1\" is no value of %2: expected %3").arg(value, field, form->second);
    if (field == u"statement" && !isStatementId(value))
        return QStringLiteral("\"%1\" is not a statement's id").arg(value);
    if (field == u"topic" && !isTopicFilter(value.toUtf8()))
        return QStringLiteral("\"%1\" is not a topic filter").arg(value);
    return {};
}

const rules::Finding *findingIn(const TraceRecord &record)
{
    if (const auto *trace = std::get_if<FindingTrace>(&record.what))
        return &trace->finding;
    const auto *note = std::get_if<BrokerNote>(&record.what);
    const auto *refused = note ? std::get_if<BrokerRefused>(&note->effect) : nullptr;
    return refused ? &refused->finding : nullptr;
}

bool holdsForPacket(const QString &field, const QString &value, const PacketTrace &trace)
{
    const auto packet = trace.malformed ? DecodeResult(*trace.malformed) : decode(trace.frame(), trace.version);
    if (!packet)
        return false;
    if (field == u"type")
        return value.compare(QLatin1String(packetTypeName(packet->type())), Qt::CaseInsensitive) == 0;
    if (field == u"id")
        return packetIdOf(*packet).value == value.toUInt();
    const auto *publish = packet->as<PublishPacket>();
    if (!publish)
        return false;
    if (field == u"qos")
        return int(publish->qos) == value.toInt();
    if (field == u"dup")
        return publish->dup == (value == u"1");
    if (field == u"retain")
        return publish->retain == (value == u"1");
    return filterMatches(value.toUtf8(), publish->topic);
}

} // namespace

QString RecordFilter::fieldNames()
{
    return fields().join(QStringLiteral(", "));
}

Parsed<RecordFilter> RecordFilter::parse(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^([a-z]+)(==|!=|=)(.*)$"),
                                         QRegularExpression::CaseInsensitiveOption);
    RecordFilter filter;
    for (const QString &word : text.split(u' ', Qt::SkipEmptyParts)) {
        if (word == u"&&")
            continue;
        const auto match = form.match(word);
        if (!match.hasMatch()) {
            filter.m_terms.push_back({{}, word, false});
            continue;
        }
        Term term{match.captured(1).toLower(), match.captured(3), match.captured(2) == u"!="};
        if (!fields().contains(term.field))
            return UsageError{QStringLiteral("unknown field \"%1\": expected %2.%3")
                                  .arg(term.field, fieldNames(), didYouMean(term.field, fields()))};
        if (const QString wrong = wrongValueOf(term.field, term.value); !wrong.isEmpty())
            return UsageError{wrong};
        filter.m_terms.push_back(std::move(term));
    }
    return filter;
}

bool RecordFilter::matches(const TraceRecord &record, const QString &who) const
{
    return std::ranges::all_of(m_terms, [&](const Term &term) { return holds(term, record, who) != term.isNegated; });
}

bool RecordFilter::holds(const Term &term, const TraceRecord &record, const QString &who)
{
    const auto *trace = std::get_if<PacketTrace>(&record.what);
    if (term.field.isEmpty())
        return recordText(record, who).contains(term.value, Qt::CaseInsensitive);
    if (term.field == u"client")
        return who == term.value;
    if (term.field == u"kind" && term.value == u"finding")
        return findingIn(record) != nullptr;
    if (term.field == u"statement")
        return findingIn(record) && meansStatement(term.value, QString::fromUtf8(findingIn(record)->statement));
    if (term.field == u"kind")
        return (trace != nullptr) == (term.value == u"packet");
    if (term.field == u"dir")
        return trace && (trace->direction == Direction::Sent) == (term.value == u"out");
    return trace && holdsForPacket(term.field, term.value, *trace);
}

} // namespace sessionscope::cli
