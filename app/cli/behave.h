// --behave NAME[,NAME…]: ways in which an end misbehaves, as both commands that have one take and list them.
#pragma once

#include "core/lab/misbehaviour.h"
#include "core/notation/values.h"

namespace sessionscope::cli {

/// The word in place of names that asks for all of them.
inline constexpr QLatin1String listWord("list");

/// Names with commas between, or the first that is none.
template<class Way> Parsed<Ways<Way>> parseWays(const QString &text)
{
    Ways<Way> ways;
    for (const QString &name : text.split(u',')) {
        const auto way = misbehaviourOf<Way>(name.trimmed());
        if (!way)
            return UsageError{
                QStringLiteral("\"%1\" is not a misbehaviour: expected a name of those that --behave list "
                               "shows.%2")
                    .arg(name.trimmed(), didYouMean(name.trimmed(), misbehaviourNames<Way>()))};
        ways.add(*way);
    }
    return ways;
}

/// For each its name, what it does and what that breaks.
template<class Way> QString waysList()
{
    QString list;
    for (const MisbehaviourRow<Way> &row : misbehaviours<Way>())
        list += QStringLiteral("%1  %2 [%3]\n")
                    .arg(QLatin1String(row.name), -31)
                    .arg(QString::fromLatin1(row.help),
                         QString::fromLatin1(row.statements).replace(QStringLiteral(" "), QStringLiteral(", ")));
    return list.trimmed();
}

} // namespace sessionscope::cli
