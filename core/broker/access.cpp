#include "core/broker/access.h"

#include "core/mqtt/topic.h"

#include <algorithm>

namespace sessionscope {

namespace {

/// Appends source, refusals first, each group in its own order.
void appendInOrder(AccessRules &rules, const AccessRules &source)
{
    const auto isRefusal = [](const AccessRule &rule) { return rule.access == TopicAccess::Deny; };
    std::copy_if(source.begin(), source.end(), std::back_inserter(rules), isRefusal);
    std::copy_if(source.begin(), source.end(), std::back_inserter(rules),
                 [&](const AccessRule &rule) { return !isRefusal(rule); });
}

bool hasWildcardCharacter(const QByteArray &name)
{
    return name.contains('+') || name.contains('#');
}

/// One pass, so that a name that holds "%u" itself is not filled in again.
QByteArray filledIn(const QByteArray &pattern, const QByteArray &userName, const QByteArray &clientId)
{
    QByteArray filter;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const char next = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
        if (next == 'u' || next == 'c') {
            filter += next == 'u' ? userName : clientId;
            ++i;
        } else {
            filter += pattern[i];
        }
    }
    return filter;
}

} // namespace

ClientRights::ClientRights(const AccessList &list, const QByteArray &userName, const QByteArray &clientId)
{
    if (userName.isEmpty())
        appendInOrder(m_rules, list.anonymous);
    else if (const auto own = list.users.find(userName); own != list.users.end())
        appendInOrder(m_rules, own->second);
    // Names with wildcards would open more than their own place in a pattern.
    if (hasWildcardCharacter(userName) || hasWildcardCharacter(clientId))
        return;
    AccessRules patterns;
    for (const AccessRule &pattern : list.patterns) {
        if (!userName.isEmpty() || !pattern.filter.contains("%u"))
            patterns.push_back({pattern.access, filledIn(pattern.filter, userName, clientId)});
    }
    appendInOrder(m_rules, patterns);
}

bool ClientRights::allows(QByteArrayView topic, TopicAccess wish) const
{
    for (const AccessRule &rule : m_rules) {
        if (rule.access != TopicAccess::Deny && !(quint8(rule.access) & quint8(wish)))
            continue;
        if (filterMatches(rule.filter, topic))
            return rule.access != TopicAccess::Deny;
    }
    return false;
}

} // namespace sessionscope
