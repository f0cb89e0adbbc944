namespace Microsoft.Azure.Functions.Worker;

/// <summary>Who may call an HTTP function. As under Core Tools on a developer's machine, no level is enforced here.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}
