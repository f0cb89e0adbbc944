using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Builds the app and, around it in the same process, the functions host.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly HostJson _hostJson;
    private readonly Assembly _assembly;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];

    internal FunctionsApplicationBuilder(string[] args, Assembly assembly, string scriptRoot)
    {
        _web = WebHost.CreateBuilder(args, scriptRoot);
        _hostJson = HostJson.Load(scriptRoot, _web.Configuration);
        _web.Logging.AddConfiguration(_hostJson.Logging);
        _assembly = assembly;
    }

    public IServiceCollection Services => _web.Services;

    public ConfigurationManager Configuration => _web.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    public ILoggingBuilder Logging => _web.Logging;

    public IMetricsBuilder Metrics => _web.Metrics;

    public IHostEnvironment Environment => _web.Environment;

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    internal bool ServesHttpFunctions { get; set; }

    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        _middleware.Add(middleware);
        return this;
    }

    public IHost Build()
    {
        var functions = FunctionCatalog.Find(_assembly, Configuration);
        FunctionExecutionDelegate pipeline = static context => ((InvocationContext)context).Function.InvokeAsync((InvocationContext)context);
        pipeline = Enumerable.Reverse(_middleware).Aggregate(pipeline, (next, middleware) => middleware(next));

        return _web.BuildHost(functions, pipeline, _hostJson, ServesHttpFunctions);
    }
}
