using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Kixo.Cli.Doctor;

/// <summary>Reads the settings as the app does when it starts.</summary>
internal static class SettingsCheck
{
    private const string Check = "settings";

    // In place of the connections, which are looked at one by one.
    private static readonly Dictionary<string, string?> Connections = new()
    {
        ["Storage"] = "UseDevelopmentStorage=true",
        ["EventHub"] = "Endpoint=sb://127.0.0.1;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true",
    };

    public static IEnumerable<Finding> Run(DoctorSettings settings)
    {
        var problems = Problems(settings.Values);
        if (problems.Count == 0)
        {
            yield return Finding.Ok(Check, $"From {settings.Source}.");
        }

        foreach (var problem in problems)
        {
            yield return Finding.Problem(Check, problem, $"Correct it in {settings.Source}; 'Settings' in README.md has its meaning and default.");
        }
    }

    private static IReadOnlyList<string> Problems(IConfiguration values)
    {
        var app = Host.CreateEmptyApplicationBuilder(new());
        app.Configuration.AddConfiguration(values).AddInMemoryCollection(Connections);
        app.AddKixo();
        using var services = app.Services.BuildServiceProvider();
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
        catch (AggregateException e)
        {
            return [.. e.Flatten().InnerExceptions.SelectMany(inner => inner is OptionsValidationException options ? options.Failures : [inner.Message])];
        }
        catch (InvalidOperationException e)
        {
            return [e.Message]; // a value that is not of its type
        }
    }
}
