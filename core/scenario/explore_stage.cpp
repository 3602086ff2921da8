#include "core/scenario/explore_stage.h"

#include "core/scenario/verbs.h"

namespace sessionscope {

using namespace std::chrono_literals;

ExploreStage::ExploreStage(const Scenario &scenario, const RunOptions &options, Look look)
    : m_scenario(scenario), m_options(options), m_look(std::move(look)), m_driver(options.makeAuthenticator),
      m_config(configOf(scenario, options))
{
    const auto listening = m_driver.listen();
    Q_ASSERT(listening);
    for (const LabCommand &command : openingCommands(scenario, options, *listening))
        submit(command);
}

void ExploreStage::give(LabCommand command, const SecretReference &passwordFrom)
{
    m_driver.submit(completed(std::move(command), m_scenario, m_options, m_driver.lab(), passwordFrom));
}

void ExploreStage::submit(const LabCommand &command)
{
    give(command);
    m_isSound = m_driver.runUntilQuiet() && m_isSound;
    lookAtNew();
}

void ExploreStage::perform(const Action &action)
{
    if (const auto *one = std::get_if<CommandAction>(&action)) {
        give(one->command, one->passwordFrom);
        for (const LabCommand &other : one->others)
            give(other);
        m_isSound = m_driver.runUntilQuiet() && m_isSound;
        lookAtNew();
    } else if (const auto *settings = std::get_if<SettingsAction>(&action)) {
        applySettings(m_config, settings->settings);
        submit(ConfigureBroker{m_config});
    } else if (const auto *publish = std::get_if<PublishAction>(&action)) {
        for (quint32 number = 1; number <= publish->count; ++number)
            give(ClientDo{publish->client, numberedPublish(publish->message, number)});
        m_isSound = m_driver.runUntilQuiet() && m_isSound;
        lookAtNew();
    }
}

Duration ExploreStage::passSome(Duration most)
{
    Duration passes = most;
    if (const auto next = nextDeadline(lab())) {
        const Duration left = std::chrono::ceil<std::chrono::milliseconds>(*next - now());
        passes = std::min(most, std::max<Duration>(left, 1ms));
    }
    m_driver.advance(passes);
    lookAtNew();
    return passes;
}

void ExploreStage::lookAtNew()
{
    const Trace &trace = lab().trace;
    while (m_seen < trace.last()) {
        ++m_seen.value;
        if (const auto record = trace.record(m_seen))
            m_look(*record);
    }
}

} // namespace sessionscope
