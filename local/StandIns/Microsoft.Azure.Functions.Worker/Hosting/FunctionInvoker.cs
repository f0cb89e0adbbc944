using System.Reflection;
using Azure.Messaging.EventHubs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// Calls a function's method with what its parameters ask for. Nothing is compiled before it is called a second time: most of
/// a start is compiling.
/// </summary>
internal sealed class FunctionInvoker
{
    private static readonly MethodInfo AnswerLaterMethod = typeof(FunctionInvoker).GetMethod(nameof(AnswerLaterAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly MethodInvoker _method;
    private readonly Lazy<ObjectFactory>? _class; // null for a static method
    private readonly Func<InvocationContext, object?>[] _arguments;
    private readonly Func<object?, InvocationContext, Task> _finish;

    /// <exception cref="NotSupportedException">A parameter cannot be bound, or what it returns is no answer.</exception>
    public FunctionInvoker(HostedFunction function, MethodInfo method)
    {
        _method = MethodInvoker.Create(method);
        _class = method.IsStatic ? null : new(() => ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes));
        _arguments = [.. method.GetParameters().Select(parameter => Argument(function, parameter))];
        _finish = Finish(function, method.ReturnType);
    }

    public Task InvokeAsync(InvocationContext context)
    {
        var arguments = Array.ConvertAll(_arguments, argument => argument(context));
        return _finish(_method.Invoke(_class?.Value(context.InstanceServices, null), arguments.AsSpan()), context);
    }

    private static Func<InvocationContext, object?> Argument(HostedFunction function, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(FunctionContext))
        {
            return context => context;
        }

        if (type == typeof(CancellationToken))
        {
            return context => context.CancellationToken;
        }

        if (function.HttpTrigger is not null && type == typeof(HttpRequest))
        {
            return context => ((HttpInvocationContext)context).Request;
        }

        if (function.HttpTrigger is not null && type == typeof(string))
        {
            return context => ((HttpInvocationContext)context).RouteValue(parameter.Name!);
        }

        if (function.EventHubTrigger is { IsBatched: true } && type == typeof(EventData[]))
        {
            return context => ((EventHubInvocationContext)context).Events;
        }

        throw new NotSupportedException($"Function {function.Name}: parameter {parameter.Name} of type {type.Name} is not one this stand-in host can bind.");
    }

    private static Func<object?, InvocationContext, Task> Finish(HostedFunction function, Type returned)
    {
        if (returned == typeof(Task))
        {
            return (task, _) => (Task)task!;
        }

        if (returned == typeof(void))
        {
            return (_, _) => Task.CompletedTask;
        }

        if (function.HttpTrigger is not null && typeof(IResult).IsAssignableFrom(returned))
        {
            return (result, context) => AnswerAsync((IResult)result!, context);
        }

        if (function.HttpTrigger is not null && returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>)
            && typeof(IResult).IsAssignableFrom(returned.GenericTypeArguments[0]))
        {
            return AnswerLaterMethod.MakeGenericMethod(returned.GenericTypeArguments).CreateDelegate<Func<object?, InvocationContext, Task>>();
        }

        throw new NotSupportedException($"Function {function.Name}: a return value of type {returned} is not one this stand-in host can answer with.");
    }

    private static Task AnswerAsync(IResult result, InvocationContext context) => result.ExecuteAsync(((HttpInvocationContext)context).HttpContext);

    private static async Task AnswerLaterAsync<TResult>(object? result, InvocationContext context)
        where TResult : IResult =>
        await AnswerAsync(await (Task<TResult>)result!, context);
}
