using System.Linq.Expressions;
using System.Reflection;
using Azure.Messaging.EventHubs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Turns a function's method into a delegate, so that an invocation uses no reflection.</summary>
internal static class FunctionInvoker
{
    private static readonly MethodInfo AwaitResultMethod = typeof(FunctionInvoker).GetMethod(nameof(AwaitResult), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <exception cref="NotSupportedException">A parameter cannot be bound.</exception>
    public static Expression<Func<InvocationContext, Task>> Of(HostedFunction function, MethodInfo method)
    {
        var context = Expression.Parameter(typeof(InvocationContext), "context");
        var call = Expression.Call(Instance(method, context), method, method.GetParameters().Select(parameter => Argument(function, parameter, context)));
        return Expression.Lambda<Func<InvocationContext, Task>>(Completion(function, call, context), context);
    }

    private static UnaryExpression? Instance(MethodInfo method, ParameterExpression context)
    {
        if (method.IsStatic)
        {
            return null;
        }

        var compiled = new Lazy<ObjectFactory>(() => ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes));
        ObjectFactory factory = (services, arguments) => compiled.Value(services, arguments);
        var services = Expression.Property(context, nameof(InvocationContext.InstanceServices));
        return Expression.Convert(Expression.Invoke(Expression.Constant(factory), services, Expression.Constant(null, typeof(object[]))), method.DeclaringType!);
    }

    private static Expression Argument(HostedFunction function, ParameterInfo parameter, ParameterExpression context)
    {
        var type = parameter.ParameterType;
        if (type == typeof(FunctionContext))
        {
            return context;
        }

        if (type == typeof(CancellationToken))
        {
            return Expression.Property(context, nameof(InvocationContext.CancellationToken));
        }

        if (function.HttpTrigger is not null && type == typeof(HttpRequest))
        {
            return Expression.Property(Expression.Convert(context, typeof(HttpInvocationContext)), nameof(HttpInvocationContext.Request));
        }

        if (function.HttpTrigger is not null && type == typeof(string))
        {
            return Expression.Call(
                Expression.Convert(context, typeof(HttpInvocationContext)), nameof(HttpInvocationContext.RouteValue), null, Expression.Constant(parameter.Name));
        }

        if (function.EventHubTrigger is { IsBatched: true } && type == typeof(EventData[]))
        {
            return Expression.Property(Expression.Convert(context, typeof(EventHubInvocationContext)), nameof(EventHubInvocationContext.Events));
        }

        throw new NotSupportedException($"Function {function.Name}: parameter {parameter.Name} of type {type.Name} is not one this stand-in host can bind.");
    }

    private static Expression Completion(HostedFunction function, MethodCallExpression call, ParameterExpression context)
    {
        if (call.Type == typeof(Task))
        {
            return call;
        }

        if (call.Type == typeof(void))
        {
            return Expression.Block(call, Expression.Constant(Task.CompletedTask));
        }

        var http = Expression.Convert(context, typeof(InvocationContext));
        if (function.HttpTrigger is not null && typeof(IResult).IsAssignableFrom(call.Type))
        {
            return Expression.Call(typeof(FunctionInvoker), nameof(Answer), null, Expression.Convert(call, typeof(IResult)), http);
        }

        if (function.HttpTrigger is not null && call.Type.IsGenericType && call.Type.GetGenericTypeDefinition() == typeof(Task<>)
            && typeof(IResult).IsAssignableFrom(call.Type.GenericTypeArguments[0]))
        {
            return Expression.Call(AwaitResultMethod.MakeGenericMethod(call.Type.GenericTypeArguments), call, http);
        }

        throw new NotSupportedException($"Function {function.Name}: a return value of type {call.Type} is not one this stand-in host can answer with.");
    }

    private static Task Answer(IResult result, InvocationContext context) =>
        result.ExecuteAsync(((HttpInvocationContext)context).HttpContext);

    private static async Task AwaitResult<TResult>(Task<TResult> result, InvocationContext context)
        where TResult : IResult =>
        await Answer(await result, context);
}
