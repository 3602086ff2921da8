// show --filter: the terms of the window's packet filter, for records of a recording.
#pragma once

#include "core/notation/values.h"
#include "core/trace/recording.h"

namespace sessionscope::cli {

class RecordFilter
{
public:
    /// Terms that have to hold together: FIELD=VALUE, FIELD!=VALUE, or a word that is looked for in the line.
    static Parsed<RecordFilter> parse(const QString &text);
    /// "type, id, …"
    static QString fieldNames();

    /// who: the client's name, or "broker".
    bool matches(const TraceRecord &record, const QString &who) const;

private:
    struct Term
    {
        QString field; ///< empty: a word
        QString value;
        bool isNegated = false;
    };
    static bool holds(const Term &term, const TraceRecord &record, const QString &who);

    std::vector<Term> m_terms;
};

} // namespace sessionscope::cli
