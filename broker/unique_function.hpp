#pragma once

#include <memory>
#include <type_traits>
#include <utility>

// A callable that is moved, never copied: completions own what they need to finish their work.
// (std::move_only_function is C++23.) Calling an empty one is a programming error.

namespace broker {

template <typename Signature>
class unique_function;

template <typename Result, typename... Args>
class unique_function<Result(Args...)> {
public:
    unique_function() = default;

    template <typename Callable>
    requires(!std::is_same_v<std::remove_cvref_t<Callable>, unique_function> &&
             std::is_invocable_r_v<Result, Callable&, Args...>)
        unique_function(
            Callable&& callable)  // NOLINT(google-explicit-constructor): stands in for lambdas
        : target_(std::make_unique<holder<std::remove_cvref_t<Callable>>>(
              std::forward<Callable>(callable))) {}

    explicit operator bool() const noexcept { return target_ != nullptr; }
    Result operator()(Args... args) { return target_->call(std::forward<Args>(args)...); }

private:
    struct callable_base {
        callable_base() = default;
        callable_base(callable_base const&) = delete;
        callable_base& operator=(callable_base const&) = delete;
        virtual ~callable_base() = default;
        virtual Result call(Args... args) = 0;
    };

    template <typename Callable>
    struct holder final : callable_base {
        explicit holder(Callable&& callable) : callable_(std::move(callable)) {}
        explicit holder(Callable const& callable) : callable_(callable) {}
        Result call(Args... args) override { return callable_(std::forward<Args>(args)...); }
        Callable callable_;
    };

    std::unique_ptr<callable_base> target_;
};

}  // namespace broker
