using System.Reflection;
using Kixo.Functions;
using Microsoft.Azure.Functions.Worker;

namespace Kixo.Tests.Functions;

public sealed class RoutesTests
{
    private static readonly IReadOnlyList<(string Function, string Route)> HttpFunctions =
    [
        .. from type in typeof(IngestBatch).Assembly.GetTypes()
           from method in type.GetMethods()
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           from trigger in method.GetParameters().Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>())
           where trigger is not null
           select (function.Name, trigger.Route!),
    ];

    [Fact]
    public void What_takes_every_path_has_the_last_name_since_Azure_tries_routes_by_name() =>
        Assert.Equal(Routes.Any, HttpFunctions.OrderBy(http => http.Function, StringComparer.OrdinalIgnoreCase).Last().Route);

    [Fact]
    public void Every_route_has_its_methods() =>
        Assert.Equal(Routes.Methods.Keys.Order(), HttpFunctions.Select(http => http.Route).Where(route => route != Routes.Any).Order());
}
