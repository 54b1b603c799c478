<?php // PHP, file_get_contents. Prints the status of the last answer, or the error.
[, $path, $body] = $argv;
$headers = ["Authorization: Bearer " . getenv("ALTEGIO_PARTNER_TOKEN"), "Accept: application/vnd.api.v2+json",
    "Content-Type: application/json"];
$context = stream_context_create(["http" => ["method" => "POST", "header" => $headers, "content" => $body]]);
$answer = @file_get_contents(getenv("ALTEGIO_BASE_URL") . $path, false, $context);
$statuses = preg_grep("#^HTTP/#", $http_response_header ?? []);
echo $answer === false ? "error: " . error_get_last()["message"] : explode(" ", end($statuses))[1], "\n";
