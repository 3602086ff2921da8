// A value or the reason why there is none. Expected failure travels as a value, never as an exception.
#pragma once

#include <QtGlobal>
#include <utility>
#include <variant>

namespace sessionscope {

template<class T, class E> class [[nodiscard]] Result
{
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : m_state(std::in_place_index<1>, std::move(error)) {}
    /// The value made in place from arguments: for one that is costly to move.
    template<class... Arguments>
    explicit Result(std::in_place_t, Arguments &&...arguments)
        : m_state(std::in_place_index<0>, std::forward<Arguments>(arguments)...)
    {
    }

    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    const T &value() const &
    {
        Q_ASSERT(ok());
        return *std::get_if<0>(&m_state);
    }
    T &&value() &&
    {
        Q_ASSERT(ok());
        return std::move(*std::get_if<0>(&m_state));
    }
    const T &operator*() const & { return value(); }
    const T *operator->() const { return &value(); }

    const E &error() const
    {
        Q_ASSERT(!ok());
        return *std::get_if<1>(&m_state);
    }

private:
    std::variant<T, E> m_state;
};

} // namespace sessionscope
