#include "core/scenario/own_ids.h"

#include "core/scenario/told_client.h"

namespace sessionscope {

namespace {

class IdGiver
{
public:
    IdGiver(Scenario &scenario, const QByteArray &suffix) : m_scenario(scenario), m_suffix(suffix) {}

    QStringList give()
    {
        for (ScenarioClient &client : m_scenario.clients) {
            m_isChanged.push_back(!client.hasGivenId && !client.connect.clientId.isEmpty());
            if (!m_isChanged.back())
                continue;
            client.connect.clientId += m_suffix;
            m_given << QStringLiteral("%1: %2").arg(QString::fromUtf8(client.name),
                                                    QString::fromUtf8(client.connect.clientId));
        }
        for (Steps *steps : {&m_scenario.control, &m_scenario.steps, &m_scenario.finally})
            change(*steps);
        return m_given;
    }

private:
    bool isChanged(ClientKey key) const
    {
        return key.value >= 1 && key.value <= m_isChanged.size() && m_isChanged[key.value - 1];
    }

    void change(Steps &steps)
    {
        for (Step &step : steps) {
            change(step.action);
            change(step.expect);
            change(step.never);
        }
    }

    void change(std::vector<Expectation> &expectations)
    {
        for (Expectation &expectation : expectations) {
            if (isChanged(expectation.client) && expectation.clientId == expectation.name)
                expectation.clientId += m_suffix;
            if (expectation.subject != Subject::Wills)
                continue;
            for (Pattern &pattern : expectation.patterns) {
                for (Condition &condition : pattern.conditions) {
                    if (auto *id = condition.equals ? std::get_if<QByteArray>(&*condition.equals) : nullptr;
                        id && condition.fact == u"client")
                        rename(*id);
                }
            }
        }
    }

    void rename(QByteArray &clientId) const
    {
        if (isChanged(m_scenario.keyOf(clientId)))
            clientId += m_suffix;
    }

    void change(Action &action)
    {
        if (QByteArray *told = toldClientId(action))
            rename(*told);
        if (auto *repeat = std::get_if<RepeatAction>(&action); repeat && repeat->steps) {
            Steps steps = *repeat->steps;
            change(steps);
            repeat->steps = std::make_shared<const Steps>(std::move(steps));
        } else if (auto *parallel = std::get_if<ParallelAction>(&action); parallel && parallel->branches) {
            std::vector<Branch> branches = *parallel->branches;
            for (Branch &branch : branches)
                change(branch.steps);
            parallel->branches = std::make_shared<const std::vector<Branch>>(std::move(branches));
        } else if (auto *until = std::get_if<UntilAction>(&action)) {
            change(until->expectations);
        } else if (auto *one = std::get_if<CommandAction>(&action)) {
            auto *done = std::get_if<ClientDo>(&one->command);
            auto *connect = done ? std::get_if<ConnectCommand>(&done->command) : nullptr;
            // A step may connect under another id on purpose.
            if (connect && isChanged(done->key) &&
                connect->packet.clientId == m_scenario.clients[done->key.value - 1].name)
                connect->packet.clientId += m_suffix;
        }
    }

    Scenario &m_scenario;
    QByteArray m_suffix;
    std::vector<bool> m_isChanged; ///< by client
    QStringList m_given;
};

} // namespace

QStringList giveOwnIds(Scenario &scenario, const QByteArray &suffix)
{
    return IdGiver(scenario, suffix).give();
}

} // namespace sessionscope
