using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Kixo.Tests.StandIns.Functions;

/// <summary>The functions of the app that the host's tests run.</summary>
public sealed class SampleFunctions(SampleFunctions.Lifetime lifetime)
{
    [Function("Greet")]
    public async Task Greet([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "greet/{name}")] HttpRequest request, FunctionContext context, string name)
    {
        lifetime.Use();
        var same = ReferenceEquals(request.HttpContext, context.GetHttpContext());
        await request.HttpContext.Response.WriteAsync($"{context.FunctionDefinition.Name} {name} {context.BindingContext.BindingData["name"]} {same}");
    }

    [Function("Teapot")]
    public static IResult Teapot([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
        TypedResults.Text(request.Method, statusCode: StatusCodes.Status418ImATeapot);

    [Function("Throw")]
    public static Task<IResult> Throw([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
    {
        request.HttpContext.Response.Headers["x-left-over"] = "yes";
        throw new InvalidOperationException("A function that fails");
    }

    /// <summary>Answers when it is let go, so that a test can stop the host meanwhile.</summary>
    [Function("Wait")]
    public async Task Wait([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, CancellationToken cancellationToken)
    {
        lifetime.Entered.SetResult();
        await lifetime.LetGo.Task.WaitAsync(cancellationToken);
        await request.HttpContext.Response.WriteAsync("waited", cancellationToken);
    }

    internal static void Unbindable(Uri uri) => throw new NotSupportedException(uri.ToString());

    /// <summary>A scoped service, to see that each invocation has its own and disposes of it.</summary>
    public sealed class Lifetime(Gate gate) : IDisposable
    {
        public TaskCompletionSource Entered => gate.Entered;

        public TaskCompletionSource LetGo => gate.LetGo;

        public void Use() => gate.Created++;

        public void Dispose() => gate.Disposed++;
    }

    public sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Created { get; set; }

        public int Disposed { get; set; }
    }
}
