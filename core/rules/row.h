// The shape of a row and the way a table of rows is run (private to core/rules).
// Tables are constexpr and typed by the packet they look at, so that a conforming packet meets only its own rows and
// their tests are inlined.
#pragma once

#include "core/rules/rules.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sessionscope::rules {

/// Which 3.x a row holds for: 3.1 leaves bits unused that 3.1.1 reserves.
enum class Since : quint8
{
    Mqtt31,
    Mqtt311
};

template<class Subject> struct Row
{
    const char *v5; ///< statement in 5.0, nullptr where it has none
    const char *v3; ///< statement in 3.1.1, nullptr where it has none
    ReasonCode reason;
    const char *what;
    bool (*broken)(const Subject &subject, const Context &context);
    Answer answer = Answer::Close;
    Since since = Since::Mqtt31;

    constexpr const char *statement(Version version) const
    {
        if (version == Version::V5)
            return v5;
        return version == Version::V31 && since == Since::Mqtt311 ? nullptr : v3;
    }
};

// Out of line: the way of a conforming packet does not pass here.
template<class Subject>
[[gnu::noinline]] void report(Findings &findings, const Row<Subject> &row, const Context &context)
{
    // Only 5.0 can refuse one filter or one message and stay.
    const auto answer = context.version == Version::V5 ? row.answer : Answer::Close;
    findings.append({row.statement(context.version), row.reason, context.from, row.what, answer});
}

template<auto &Table, std::size_t Index, class Subject>
void runRow(Findings &findings, const Subject &subject, const Context &context)
{
    constexpr auto broken = Table[Index].broken;
    if (Table[Index].statement(context.version) && broken(subject, context))
        report(findings, Table[Index], context);
}

/// Runs every row of a constexpr table over subject.
template<auto &Table, class Subject> void run(Findings &findings, const Subject &subject, const Context &context)
{
    [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        (runRow<Table, I>(findings, subject, context), ...);
    }
    (std::make_index_sequence<std::size(Table)>());
}

} // namespace sessionscope::rules
