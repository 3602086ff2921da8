// The filter field of the packet list: terms that must all hold, read once and then asked for every row.
//   publish qos=2        a word is looked for in packet name, topic and payload
//   type=PUBREC id=12    type, id, qos, dup, retain, topic (a topic filter), dir (in, out)
//   kind=finding         packet, event or finding: what is wrong; statement=x.y.z-n, which it broke
//   type!=PINGREQ && …   != negates; && may stand between terms
#pragma once

#include "core/base/result.h"
#include "ui/packets/trace_log.h"

#include <QString>

#include <vector>

namespace sessionscope {

/// Why a filter text cannot be used.
struct FilterError
{
    qsizetype position = 0; ///< of the term in the text
    QString what;
};

class PacketFilter
{
public:
    /// An empty text matches everything.
    static Result<PacketFilter, FilterError> parse(const QString &text);

    bool isEmpty() const { return m_terms.empty(); }
    /// digest: of the row, which is read in the log only where a text is looked for.
    bool matches(const LogDigest &digest, const TraceLog &log, LogRow row) const;

private:
    enum class Field : quint8
    {
        Word,
        Type,
        Id,
        Qos,
        Dup,
        Retain,
        Topic,
        Dir,
        Kind,
        Statement
    };
    struct Term
    {
        Field field = Field::Word;
        bool negated = false;
        int number = 0;         ///< for Field::Word bit n says that the name of PacketType n has it
        QByteArray text;        ///< lower case for Field::Word
        QStringList statements; ///< any of them
    };
    static Result<Term, QString> parseTerm(const QString &field, const QString &comparison, const QString &value);
    static QString readValue(Term &term, const QString &value);
    static bool holds(const Term &term, const LogDigest &digest, const TraceLog &log, LogRow row);
    static bool holdsForPacket(const Term &term, const LogDigest &digest);
    static bool wordIn(const Term &term, const TraceRecord &record);

    std::vector<Term> m_terms;
};

} // namespace sessionscope
